/** `average_order_value` → `averageOrderValue`. */
export const camelCase = (name: string): string =>
  name.replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())

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
