import type { GoldModel } from '../../models/types.js'
import { compileBucketRows, compileBuckets } from '../../warehouses/compiler/key-digest.js'
import type { BuildRef } from '../../warehouses/contract/builds.js'
import type { DifferingKey, KeyDifferences } from '../../warehouses/contract/parity.js'
import type { Row } from '../../warehouses/contract/values.js'
import type { QueryOptions, WarehouseReader } from '../../warehouses/contract/warehouse.js'

/** One side of the comparison. */
export interface Side {
  readonly warehouse: WarehouseReader
  readonly build: BuildRef
  readonly rows: bigint
}

const fewestBuckets = 256
const mostBuckets = 65_536
/** Of both sides together. */
const rowsOfBucket = 400n
/** Read of one bucket and warehouse; more than this only where a key comes up thousands of times. */
const mostRows = 5_000

/**
 * The first `limit` keys whose rows are not the same in two warehouses. Digests of buckets of keys say where to look, so that only the rows
 * of buckets that differ are read. Keys come in the order of their hash.
 */
export async function differingKeys(
  model: GoldModel,
  [one, other]: readonly [Side, Side],
  limit: number,
  options: QueryOptions = {},
): Promise<KeyDifferences> {
  const buckets = bucketsFor(one.rows + other.rows)
  const [ofOne, ofOther] = await Promise.all([one, other].map((side) => bucketDigests(model, side, buckets, options)))
  const suspects = [...new Set([...(ofOne?.keys() ?? []), ...(ofOther?.keys() ?? [])])]
    .filter((bucket) => ofOne?.get(bucket) !== ofOther?.get(bucket))
    .sort((a, b) => (a < b ? -1 : 1))
  const keys: DifferingKey[] = []
  let more = false
  for (const bucket of suspects) {
    if (keys.length > limit) break
    const [rowsOfOne, rowsOfOther] = await Promise.all(
      [one, other].map((side) => bucketRows(model, side, { bucket, buckets, limit: mostRows }, options)),
    )
    if (rowsOfOne?.length === mostRows || rowsOfOther?.length === mostRows) more = true
    keys.push(...compareRows(model, rowsOfOne ?? [], rowsOfOther ?? []))
  }
  return {
    model: model.name,
    warehouses: [one.warehouse.name, other.warehouse.name],
    keys: keys.slice(0, limit),
    more: more || keys.length > limit,
  }
}

function bucketsFor(rows: bigint): number {
  let buckets = fewestBuckets
  while (buckets < mostBuckets && rows / BigInt(buckets) > rowsOfBucket) buckets *= 4
  return buckets
}

async function bucketDigests(
  model: GoldModel,
  side: Side,
  buckets: number,
  options: QueryOptions,
): Promise<Map<bigint, string>> {
  const { warehouse, build } = side
  const rows = await warehouse.query(compileBuckets(model, build, buckets, warehouse.dialect), [build], options)
  return new Map(rows.map((row) => [BigInt(String(row.bucket)), `${row.rows} ${row.checksum}`]))
}

function bucketRows(
  model: GoldModel,
  { warehouse, build }: Side,
  bucket: Parameters<typeof compileBucketRows>[2],
  options: QueryOptions,
): Promise<Row[]> {
  return warehouse.query(compileBucketRows(model, build, bucket, warehouse.dialect), [build], options)
}

/** Where one side was cut off, nothing is said of keys behind its last one. */
function compareRows(model: GoldModel, one: readonly Row[], other: readonly Row[]): DifferingKey[] {
  const end = [one, other].flatMap((rows) => (rows.length === mostRows ? [hashOf(rows.at(-1))] : []))
  const within = (row: Row) => end.every((last) => hashOf(row) < last)
  const [ofOne, ofOther] = [byKey(one.filter(within)), byKey(other.filter(within))]
  return [...new Set([...ofOne.keys(), ...ofOther.keys()])].flatMap((key) => {
    const pair = [ofOne.get(key) ?? [], ofOther.get(key) ?? []] as const
    const found = compareKey(model, pair[0], pair[1])
    return found ? [found] : []
  })
}

function compareKey(model: GoldModel, one: readonly Row[], other: readonly Row[]): DifferingKey | undefined {
  const [first] = [...one, ...other]
  if (!first) return undefined
  const single = one.length === 1 && other.length === 1
  const columns = single
    ? model.columns.flatMap(({ name }, i) => {
        const values = [textOf(one[0], i), textOf(other[0], i)] as const
        return values[0] === values[1] ? [] : [{ column: name, values }]
      })
    : []
  if (single ? columns.length === 0 : sameRows(one, other)) return undefined
  const key = Object.fromEntries(
    model.columns.flatMap(({ name }, i) => (model.grain.includes(name) ? [[name, textOf(first, i)]] : [])),
  )
  return { key, rows: [BigInt(one.length), BigInt(other.length)], columns }
}

const sameRows = (one: readonly Row[], other: readonly Row[]): boolean =>
  JSON.stringify(one.map(tuple).sort()) === JSON.stringify(other.map(tuple).sort())

const tuple = ({ hash: _, ...row }: Row): string => JSON.stringify(row)
const hashOf = (row: Row | undefined): bigint => BigInt(String(row?.hash ?? 0))

function textOf(row: Row | undefined, index: number): string | null {
  const value = row?.[`c${index}`] ?? null
  return value === null ? null : String(value)
}

function byKey(rows: readonly Row[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const key = String(row.key)
    groups.set(key, [...(groups.get(key) ?? []), row])
  }
  return groups
}
