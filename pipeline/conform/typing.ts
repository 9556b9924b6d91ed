import { DuckDBTypeId } from '@duckdb/node-api'
import type { LogicalType } from '../../models/types.js'
import { isoTimestamp } from '../sources/iso-timestamp.js'
import { quoteText } from '../sources/sql-text.js'

const wholeNumbers = new Set([
  DuckDBTypeId.TINYINT,
  DuckDBTypeId.SMALLINT,
  DuckDBTypeId.INTEGER,
  DuckDBTypeId.BIGINT,
  DuckDBTypeId.UTINYINT,
  DuckDBTypeId.USMALLINT,
  DuckDBTypeId.UINTEGER,
  DuckDBTypeId.UBIGINT,
  DuckDBTypeId.HUGEINT,
])
const timestamps = new Set([
  DuckDBTypeId.TIMESTAMP,
  DuckDBTypeId.TIMESTAMP_S,
  DuckDBTypeId.TIMESTAMP_MS,
  DuckDBTypeId.TIMESTAMP_NS,
  DuckDBTypeId.TIMESTAMP_TZ,
])

const digits = `'\\s*[+-]?[0-9]+(\\.0*)?\\s*'`
const isoDate = `'\\s*[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}([T ]00:00(:00(\\.0+)?)?Z?)?\\s*'`

/**
 * DuckDB SQL for a value of a SELECT as an entity's type: NULL where it is not one. Text is read more strictly than DuckDB does by
 * itself, which takes 12.7 for the integer 13, 1_000 for a number and 1/2/16 for a day of the year 1.
 */
export function typedValue(value: string, from: DuckDBTypeId, to: LogicalType): string {
  const text = from === DuckDBTypeId.VARCHAR ? value : `CAST(${value} AS VARCHAR)`
  switch (to.kind) {
    case 'text':
      return text
    case 'enum': {
      const list = to.values.map(quoteText).join(', ')
      return `CASE WHEN lower(trim(${text})) IN (${list}) THEN lower(trim(${text})) END`
    }
    case 'boolean':
      return from === DuckDBTypeId.BOOLEAN ? value : `TRY_CAST(trim(${text}) AS BOOLEAN)`
    case 'integer':
      if (wholeNumbers.has(from)) return `TRY_CAST(${value} AS BIGINT)`
      if (from === DuckDBTypeId.DECIMAL)
        return `CASE WHEN ${value} = trunc(${value}) THEN TRY_CAST(${value} AS BIGINT) END`
      return `CASE WHEN regexp_full_match(${text}, ${digits}) THEN TRY_CAST(${text} AS BIGINT) END`
    case 'decimal': {
      const type = `DECIMAL(${to.precision}, ${to.scale})`
      if (wholeNumbers.has(from) || from === DuckDBTypeId.DECIMAL) return `TRY_CAST(${value} AS ${type})`
      return `CASE WHEN NOT contains(${text}, '_') THEN TRY_CAST(${text} AS ${type}) END`
    }
    case 'date':
      if (from === DuckDBTypeId.DATE) return inCalendar(value)
      return `CASE WHEN regexp_full_match(${text}, ${isoDate}) THEN TRY_CAST(left(trim(${text}), 10) AS DATE) END`
    case 'timestamp':
      if (timestamps.has(from) || from === DuckDBTypeId.DATE) return inCalendar(`CAST(${value} AS TIMESTAMP)`)
      return `CASE WHEN regexp_full_match(${text}, ${isoTimestamp}) THEN CAST(TRY_CAST(${text} AS TIMESTAMPTZ) AS TIMESTAMP) END`
  }
}

/** Versions compare as whole numbers: microseconds where they are points in time. */
export function versionNumber(value: string, from: DuckDBTypeId): string {
  if (timestamps.has(from) || from === DuckDBTypeId.DATE) return `epoch_us(CAST(${value} AS TIMESTAMP))`
  const number = typedValue(value, from, { kind: 'integer' })
  if (from !== DuckDBTypeId.VARCHAR) return number
  return `coalesce(${number}, epoch_us(${typedValue(value, from, { kind: 'timestamp' })}))`
}

/** The type of a column in the Parquet file, where it holds what was computed. */
export function storedType(type: LogicalType): string {
  switch (type.kind) {
    case 'text':
    case 'enum':
      return 'VARCHAR'
    case 'integer':
      return 'BIGINT'
    case 'decimal':
      return `DECIMAL(${type.precision}, ${type.scale})`
    case 'boolean':
      return 'BOOLEAN'
    case 'date':
      return 'DATE'
    case 'timestamp':
      return 'TIMESTAMP'
  }
}

/** Neither infinity nor a year that no warehouse knows. */
function inCalendar(value: string): string {
  return `CASE WHEN ${value} >= DATE '1000-01-01' AND ${value} < DATE '10000-01-01' THEN ${value} END`
}
