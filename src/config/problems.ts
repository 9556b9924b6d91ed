import type { z } from 'zod'
import type { KeyPath, Problem } from './document.js'
import { type JsonSchema, keysAt } from './json-schema.js'
import { oneOf } from './nearest.js'

type Issue = z.core.$ZodIssue

/** What zod found, as problems of keys below `base`; a key nobody knows gets the nearest one that exists there. */
export function problemsOf(issues: readonly Issue[], base: KeyPath, schema: JsonSchema, file: unknown): Problem[] {
  return issues.flatMap((issue): Problem[] => {
    const path: KeyPath = [...base, ...issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))]
    if (issue.code === 'unrecognized_keys') {
      const known = keysAt(schema, file, path)
      return issue.keys.map((key) => ({
        path: [...path, key],
        atKey: true,
        message: `no such key${oneOf(key, known)}`,
      }))
    }
    if (issue.code === 'invalid_key') {
      return issue.issues.map((inner) => ({ path, atKey: true, message: inner.message }))
    }
    if (issue.code === 'invalid_value' && issue.values.length > 1) {
      return [{ path, message: `must be one of ${issue.values.map(String).join(', ')}` }]
    }
    if (issue.code === 'invalid_type' && issue.input === undefined && / undefined$/.test(issue.message)) {
      return [{ path, atKey: true, message: 'is missing' }]
    }
    return [{ path, message: plain(issue.message) }]
  })
}

/** Zod's "Invalid input: expected number, received string" without its preamble. */
function plain(message: string): string {
  return message.replace(/^(Invalid input|Invalid option|Too big|Too small|Invalid string): /, '')
}
