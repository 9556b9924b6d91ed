import type { ModelDigest } from '../../warehouses/contract/parity.js'

/** Names of the figures that two digests of one model do not share: `rows`, names of measures, `checksum`. */
export function differingFigures(one: ModelDigest, other: ModelDigest): readonly string[] {
  const measures = [...new Set([...Object.keys(one.sums), ...Object.keys(other.sums)])]
  return [
    ...(one.rows === other.rows ? [] : ['rows']),
    ...measures.filter((name) => one.sums[name] !== other.sums[name]),
    ...(one.checksum === other.checksum ? [] : ['checksum']),
  ]
}

/** One figure as people read it. */
export function figureOf(digest: ModelDigest, name: string): string {
  if (name === 'rows') return String(digest.rows)
  if (name === 'checksum') return digest.checksum
  return digest.sums[name] ?? 'NULL'
}
