import { isDeepStrictEqual } from 'node:util'
import { WarehouseError, type WarehouseErrorCode } from '../contract/errors.js'

/** What the cases need of an assertion library, so that they run anywhere. Each throws an Error that says what differs. */
export function equal(actual: unknown, expected: unknown, what: string): void {
  if (isDeepStrictEqual(actual, expected)) return
  throw new Error(`${what}: expected ${show(expected)}, found ${show(actual)}`)
}

export function holds(condition: boolean, what: string): void {
  if (!condition) throw new Error(`${what} does not hold`)
}

/** The promise must fail with a `WarehouseError` of this code. */
export async function rejects(promise: Promise<unknown>, code: WarehouseErrorCode, what: string): Promise<void> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
  if ('value' in outcome) throw new Error(`${what}: expected ${code}, found an answer: ${show(outcome.value)}`)
  const { error } = outcome
  if (!(error instanceof WarehouseError)) throw new Error(`${what}: expected ${code}, found ${show(error)}`)
  if (error.code !== code) throw new Error(`${what}: expected ${code}, found ${error.code}: ${error.message}`)
}

function show(value: unknown): string {
  if (value instanceof Error) return value.message
  const text = JSON.stringify(value, (_, each: unknown) => {
    if (typeof each === 'bigint') return `${each}n`
    return each instanceof Set ? [...each] : each
  })
  return (text ?? String(value)).slice(0, 600)
}
