import type { GoldColumn, GoldModel } from '../../models/types.js'
import type { BuildRef } from '../contract/builds.js'
import type { Dialect } from '../contract/dialect.js'
import type { ModelDigest } from '../contract/parity.js'
import { encodeValue, type Row, type Statement } from '../contract/values.js'

const integer = { kind: 'integer' } as const
/** Holds the sum of more rows than any table has: 2^60 times 10^10. */
export const checksumType = { kind: 'decimal', precision: 29, scale: 0 } as const

/**
 * One row that says what all rows of a model come to. The checksum is a sum, so that it is the same in any order of rows; that equal rows
 * do not cancel out is the grain's check. Sums are as wide as a decimal can be.
 */
export function compileDigest(model: GoldModel, build: BuildRef, dialect: Dialect): Statement {
  const measures = summed(model)
  const wide = measures.map(({ type }) => ({ kind: 'decimal', precision: 38, scale: scaleOf(type) }) as const)
  const hash = dialect.hash60(tupleText(model.columns, dialect))
  const figures = [
    `COUNT(*) AS ${dialect.quote('rows')}`,
    `${total(hash, checksumType, dialect)} AS ${dialect.quote('checksum')}`,
    ...measures.map(
      ({ name }, i) =>
        `${total(dialect.quote(name), wide[i] ?? checksumType, dialect)} AS ${dialect.quote(`sum_${i}`)}`,
    ),
  ]
  return {
    sql: `SELECT\n  ${figures.join(',\n  ')}\nFROM ${dialect.goldTable(build, model.name)}`,
    params: [],
    columns: [
      { name: 'rows', type: integer },
      { name: 'checksum', type: checksumType },
      ...wide.map((type, i) => ({ name: `sum_${i}`, type })),
    ],
  }
}

/** The answer to `compileDigest`. */
export function readDigest(model: GoldModel, row: Row | undefined): ModelDigest {
  if (typeof row?.rows !== 'bigint') throw new Error(`The digest of ${model.name} has no count of rows`)
  return {
    model: model.name,
    rows: row.rows,
    sums: Object.fromEntries(summed(model).map(({ name }, i) => [name, encodeValue(row[`sum_${i}`] ?? null)])),
    // No row: the sum of nothing is NULL.
    checksum: encodeValue(row.checksum ?? null) ?? '0',
  }
}

/**
 * The values of some columns as one text from which each can be read back: `N` for NULL, else text with its length in front, and all other types with a
 * `;` behind. So NULL is not the empty string, and "a" beside "bc" is not "ab" beside "c".
 */
export function tupleText(columns: readonly GoldColumn[], dialect: Dialect): string {
  return joined(columns.map((column) => valueText(column, dialect)))
}

function valueText({ name, type }: GoldColumn, dialect: Dialect): string {
  const column = dialect.quote(name)
  const text = dialect.canonicalText(column, type)
  if (type.kind !== 'text' && type.kind !== 'enum') return `COALESCE(${text}, 'N') || ';'`
  const length = dialect.canonicalText(dialect.textLength(text), integer)
  return `CASE WHEN ${column} IS NULL THEN 'N' ELSE ${length} || ':' || ${text} END`
}

/** Halves of halves: a chain of forty concatenations is nested deeper than some engines resolve. */
function joined(parts: readonly string[]): string {
  if (parts.length < 2) return `(${parts.join('')})`
  const middle = Math.ceil(parts.length / 2)
  return `(${joined(parts.slice(0, middle))}\n    || ${joined(parts.slice(middle))})`
}

/** An exact sum: operands are widened first. */
export function total(
  expression: string,
  type: { readonly kind: 'decimal'; readonly precision: number; readonly scale: number },
  dialect: Dialect,
): string {
  return dialect.cast(`SUM(${dialect.cast(expression, type)})`, type)
}

const summed = (model: GoldModel): readonly GoldColumn[] =>
  model.columns.filter(({ role, type }) => role === 'measure' && (type.kind === 'integer' || type.kind === 'decimal'))

const scaleOf = (type: GoldColumn['type']): number => (type.kind === 'decimal' ? type.scale : 0)
