import type { Question } from './contract.js'

/** Equal for questions that have the same answer as long as the builds are the same: whatever an answer depends on besides is in it. */
export function keyOf({ document, operationName, variables, warehouse, caller }: Question): string {
  return JSON.stringify([
    document.hash,
    operationName ?? null,
    warehouse ?? null,
    caller.access.key,
    variables === undefined ? {} : inOrder(variables),
  ])
}

/** The same value with the keys of its objects in one order. */
function inOrder(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(inOrder)
  const entries = Object.entries(value)
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, each]) => [key, inOrder(each)]))
}
