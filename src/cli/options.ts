import { resolve } from 'node:path'
import { InvalidArgumentError } from 'commander'

/** A whole number that is not negative. */
export function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('It must be a whole number such as 20000.')
  return Number(text)
}

const DAY_SECONDS = 86_400

/** Seconds to wait for something: timers of Node fire at once beyond 24 days. */
export function patience(text: string): number {
  const seconds = /^\d{1,15}$/.test(text) ? Number(text) : 0
  if (seconds < 1 || seconds > DAY_SECONDS)
    throw new InvalidArgumentError(`It must be a whole number of seconds from 1 to ${DAY_SECONDS}.`)
  return seconds
}

/** A number that is not negative, with a decimal point. */
export function positiveNumber(text: string): number {
  if (!/^\d{1,9}(\.\d{1,9})?$/.test(text)) throw new InvalidArgumentError('It must be a number such as 3 or 0.08.')
  return Number(text)
}

/** A day that exists, as "YYYY-MM-DD". */
export function day(text: string): string {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== text) {
    throw new InvalidArgumentError('It must be a date such as 2025-12-31.')
  }
  return text
}

/** It becomes part of keys, table names and file names; a table's name has 63 bytes and holds more than this. */
export function runId(text: string): string {
  if (!/^[a-z0-9][a-z0-9_]{0,23}$/.test(text)) {
    throw new InvalidArgumentError('It must be lower-case letters, digits and "_", at most 24.')
  }
  return text
}

/** A folder, made absolute. */
export const folder =
  (cwd: string) =>
  (text: string): string => {
    if (text === '') throw new InvalidArgumentError('It must name a folder.')
    return resolve(cwd, text)
  }

/** For an option that may be given several times. */
export const several =
  (parse: (text: string) => string = (text) => text) =>
  (text: string, before: readonly string[] | undefined): string[] => [...(before ?? []), parse(text)]
