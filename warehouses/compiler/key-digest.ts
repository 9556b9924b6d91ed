import type { GoldColumn, GoldModel } from '../../models/types.js'
import type { BuildRef } from '../contract/builds.js'
import type { Dialect } from '../contract/dialect.js'
import type { Statement } from '../contract/values.js'
import { checksumType, total, tupleText } from './digest.js'

const integer = { kind: 'integer' } as const
const text = { kind: 'text' } as const

/** Rows by a hash of their key, a row for each bucket that is not empty: `bucket`, `rows`, `checksum` over the whole rows. */
export function compileBuckets(model: GoldModel, build: BuildRef, buckets: number, dialect: Dialect): Statement {
  const { quote } = dialect
  const hashed = [
    `${bucketOf(model, buckets, dialect)} AS ${quote('bucket')}`,
    `${dialect.hash60(tupleText(model.columns, dialect))} AS ${quote('hash')}`,
  ]
  return {
    sql:
      `SELECT ${quote('bucket')}, COUNT(*) AS ${quote('rows')}, ${total(quote('hash'), checksumType, dialect)} AS ${quote('checksum')}\n` +
      `FROM (\n  SELECT ${hashed.join(',\n  ')}\n  FROM ${dialect.goldTable(build, model.name)}\n) AS ${quote('hashed')}\n` +
      `GROUP BY ${quote('bucket')}\nORDER BY ${quote('bucket')}`,
    params: [],
    columns: [
      { name: 'bucket', type: integer },
      { name: 'rows', type: integer },
      { name: 'checksum', type: checksumType },
    ],
  }
}

/**
 * All columns of the rows of one bucket as canonical text, with `key`, the text of the key. They come in the order of the key's hash, which is
 * the same in every warehouse, and at most `limit` of them.
 */
export function compileBucketRows(
  model: GoldModel,
  build: BuildRef,
  { bucket, buckets, limit }: { readonly bucket: bigint; readonly buckets: number; readonly limit: number },
  dialect: Dialect,
): Statement {
  const { quote } = dialect
  const key = tupleText(keyColumns(model), dialect)
  const values = model.columns.map(
    ({ name, type }, i) => `${dialect.canonicalText(quote(name), type)} AS ${quote(`c${i}`)}`,
  )
  const names = [quote('key'), quote('hash'), ...model.columns.map((_, i) => quote(`c${i}`))]
  const inner = [`${key} AS ${quote('key')}`, `${dialect.hash60(key)} AS ${quote('hash')}`, ...values]
  return {
    sql:
      `SELECT ${names.join(', ')}\nFROM (\n  SELECT ${inner.join(',\n  ')}\n  FROM ${dialect.goldTable(build, model.name)}\n` +
      `  WHERE ${bucketOf(model, buckets, dialect)} = ${bucket}\n) AS ${quote('rows_of_bucket')}\nORDER BY ${quote('hash')}\nLIMIT ${limit}`,
    params: [],
    columns: [
      { name: 'key', type: text },
      { name: 'hash', type: integer },
      ...model.columns.map((_, i) => ({ name: `c${i}`, type: text })),
    ],
  }
}

const bucketOf = (model: GoldModel, buckets: number, dialect: Dialect): string =>
  `MOD(${dialect.hash60(tupleText(keyColumns(model), dialect))}, ${buckets})`

const keyColumns = (model: GoldModel): readonly GoldColumn[] =>
  model.columns.filter(({ name }) => model.grain.includes(name))
