/** The same value is the same bytes: keys in order, two spaces, a newline at the end. */
export function canonicalJson(value: unknown): string {
  return `${JSON.stringify(value, keysInOrder, 2)}\n`
}

/** For JSON.stringify: the keys of every object in order. */
export function keysInOrder(_key: string, part: unknown): unknown {
  return part !== null && typeof part === 'object' && !Array.isArray(part)
    ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
    : part
}
