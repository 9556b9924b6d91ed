import {
  type DuckDBConnection,
  DuckDBDateValue,
  DuckDBDecimalValue,
  type DuckDBResult,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBValue,
  ResultReturnType,
} from '@duckdb/node-api'
import type { LogicalType } from '../../../models/types.js'
import { decimalFromUnits } from '../../contract/decimal.js'
import { decodeValue, encodeValue, type Param, type Row, type Statement, type Value } from '../../contract/values.js'

/** Values go in as text, which the statement casts. */
export async function execute(connection: DuckDBConnection, sql: string, params: readonly Param[] = []): Promise<void> {
  await connection.run(sql, toParameters(params))
}

export async function readRows(connection: DuckDBConnection, statement: Statement): Promise<Row[]> {
  const reader = await connection.runAndReadAll(statement.sql, toParameters(statement.params))
  return toRows(reader.getRows(), statement.columns)
}

/** Throws where rows are missing: a stream that fails in the middle ends like any other, and only the kind of its result tells (seen in 1.5.6). */
export function requireWhole({ returnType }: Pick<DuckDBResult, 'returnType'>): void {
  if (returnType === ResultReturnType.INVALID)
    throw new Error('DuckDB stopped in the middle of the rows, and does not say why.')
}

function toRows(rows: readonly (readonly DuckDBValue[])[], columns: Statement['columns']): Row[] {
  return rows.map((row) => {
    const values: Record<string, Value> = {}
    columns.forEach(({ name, type }, index) => {
      values[name] = toValue(row[index], type)
    })
    return values
  })
}

export const toParameters = (params: readonly Param[]): (string | null)[] =>
  params.map((param) => encodeValue(param.value))

/** Throws a TypeError for what is not of the type. */
function toValue(raw: DuckDBValue | undefined, type: LogicalType): Value {
  if (raw === null) return null
  switch (type.kind) {
    case 'text':
    case 'enum':
      if (typeof raw === 'string') return raw
      break
    case 'boolean':
      if (typeof raw === 'boolean') return raw
      break
    case 'integer':
      if (typeof raw === 'bigint') return raw
      if (typeof raw === 'number' && Number.isSafeInteger(raw)) return BigInt(raw)
      if (raw instanceof DuckDBDecimalValue && raw.scale === 0) return raw.value
      break
    case 'decimal':
      if (raw instanceof DuckDBDecimalValue) {
        const exact = decimalFromUnits(raw.value, raw.scale)
        return raw.scale === type.scale ? exact : decodeValue(exact, type)
      }
      if (typeof raw === 'bigint') return decodeValue(String(raw), type)
      break
    case 'date':
      if (raw instanceof DuckDBDateValue) return isoDate(raw.days)
      break
    case 'timestamp':
      if (raw instanceof DuckDBTimestampTZValue || raw instanceof DuckDBTimestampValue) return isoTimestamp(raw.micros)
      break
  }
  throw new TypeError(
    `A column of type ${type.kind} came as ${raw?.constructor.name ?? 'nothing'}: cast it in the statement.`,
  )
}

const isoDate = (days: number): string => new Date(days * 86_400_000).toISOString().slice(0, 10)

/** Microseconds since 1970 may be negative, and a Date holds milliseconds. */
function isoTimestamp(micros: bigint): string {
  const rest = ((micros % 1000n) + 1000n) % 1000n
  const milliseconds = new Date(Number((micros - rest) / 1000n)).toISOString()
  return `${milliseconds.slice(0, -1)}${rest.toString().padStart(3, '0')}Z`
}
