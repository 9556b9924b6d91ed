import type { LogicalType } from '../../../models/types.js'

type ColumnType = 'STRING' | 'INT64' | 'NUMERIC' | 'BIGNUMERIC' | 'BOOL' | 'DATE' | 'TIMESTAMP'

/** NUMERIC holds 29 digits before the point and 9 behind it; BIGNUMERIC costs twice its storage and holds 38 and 38. */
const fitsNumeric = (precision: number, scale: number): boolean => scale <= 9 && precision - scale <= 29

/** The type without its digits: of parameters, and in schemas of the API. */
export function columnType(type: LogicalType): ColumnType {
  switch (type.kind) {
    case 'text':
    case 'enum':
      return 'STRING'
    case 'integer':
      return 'INT64'
    case 'decimal':
      return fitsNumeric(type.precision, type.scale) ? 'NUMERIC' : 'BIGNUMERIC'
    case 'boolean':
      return 'BOOL'
    case 'date':
      return 'DATE'
    case 'timestamp':
      return 'TIMESTAMP'
  }
}

/** The type in DDL and casts. */
export function typeName(type: LogicalType): string {
  return type.kind === 'decimal' ? `${columnType(type)}(${type.precision}, ${type.scale})` : columnType(type)
}
