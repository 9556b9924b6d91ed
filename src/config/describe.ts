import type { Config } from './config.js'
import { isSecretName, masked, withoutPasswords } from './secrets.js'

/** The configuration as data that may be shown and logged: every value under a name that may hold a secret is masked, and passwords in URLs everywhere. */
export function describeConfig(config: Config): Record<string, unknown> {
  return hide(config, '') as Record<string, unknown>
}

function hide(value: unknown, name: string): unknown {
  if (typeof value === 'string') return isSecretName(name) ? masked(value) : withoutPasswords(value)
  if (typeof value === 'bigint') return value.toString()
  if (Array.isArray(value)) return value.map((each) => hide(each, name))
  if (typeof value !== 'object' || value === null) return value
  // Below `credentials: {…}` everything is a secret.
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      hide(inner, isSecretName(name) && typeof inner === 'string' ? name : key),
    ]),
  )
}
