import { hash } from 'node:crypto'
import { getOperationAST } from 'graphql'
import type { Question } from './contract.js'

/** Equal for questions that have the same answer as long as the builds are the same: whatever an answer depends on besides is in it. */
export function keyOf({ document, operationName, variables, facts, caller }: Question): string {
  // What the operation does not declare, nothing reads.
  const declared = (getOperationAST(document.document, operationName)?.variableDefinitions ?? [])
    .map((each) => each.variable.name.value)
    .filter((name) => variables !== undefined && Object.hasOwn(variables, name))
    .sort()
  const values = declared.map((name) => [name, inOrder(variables?.[name])])
  const key = JSON.stringify([document.hash, operationName ?? null, facts.warehouse ?? null, caller.access.key, values])
  return hash('sha256', key, 'base64url')
}

/** The same value with the keys of its objects in one order. */
function inOrder(value: unknown): unknown {
  // JSON has a number that is too large for a number, and no way to write it again.
  if (typeof value === 'number' && !Number.isFinite(value)) return { number: String(value) }
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(inOrder)
  const entries = Object.entries(value)
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, each]) => [key, inOrder(each)]))
}
