/** The same value is the same bytes: keys in order, two spaces, a newline at the end. */
export function canonicalJson(value: unknown): string {
  const ordered = (_key: string, part: unknown): unknown =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part
  return `${JSON.stringify(value, ordered, 2)}\n`
}
