/** Names of columns are few, and asked for many times for each request. */
const known = new Map<string, string>()
const maxKnown = 10_000

/** `average_order_value` → `averageOrderValue`. */
export function camelCase(name: string): string {
  const before = known.get(name)
  if (before !== undefined) return before
  const camel = name.replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
  if (known.size < maxKnown) known.set(name, camel)
  return camel
}

/** `daily_revenue` → `DailyRevenue`. */
export function pascalCase(name: string): string {
  const camel = camelCase(name)
  return camel.charAt(0).toUpperCase() + camel.slice(1)
}

/** `out_of_stock`, `in-store` → `OUT_OF_STOCK`, `IN_STORE`: the name of an enum value. */
export function constantCase(text: string): string {
  const name = text.toUpperCase().replace(/[^A-Z0-9]+/g, '_')
  return /^[0-9]/.test(name) ? `_${name}` : name
}
