import type { Mapping } from '../../pipeline/sources/mapping.js'
import { ConfigError } from './errors.js'

/**
 * Throws CURRENCIES_DIFFER when the mappings of the sources that are configured together report in different currencies:
 * their amounts would be added up in Gold.
 */
export function requireOneCurrency(mappings: readonly Pick<Mapping, 'name' | 'currency'>[]): void {
  const sources = new Map<string, string[]>()
  for (const { name, currency } of mappings) sources.set(currency, [...(sources.get(currency) ?? []), name])
  if (sources.size <= 1) return
  const listed = [...sources].map(([currency, names]) => `${currency} (${names.join(', ')})`).join(', ')
  throw new ConfigError(
    'CURRENCIES_DIFFER',
    `The configured sources report in different currencies: ${listed}. Convert the amounts in a mapping and state its reporting currency, or configure the sources in separate profiles with a home each.`,
  )
}
