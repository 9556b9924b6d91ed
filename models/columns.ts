import type {
  Aggregation,
  Dimension,
  EntityColumn,
  LogicalType,
  Measure,
  Reference,
  RowCheck,
  Severity,
  Total,
} from './types.js'

export const text: LogicalType = { kind: 'text' }
export const integer: LogicalType = { kind: 'integer' }
export const boolean: LogicalType = { kind: 'boolean' }
export const date: LogicalType = { kind: 'date' }
export const timestamp: LogicalType = { kind: 'timestamp' }
export const decimal = (precision: number, scale: number): LogicalType => ({ kind: 'decimal', precision, scale })
/** An amount in the reporting currency. */
export const money = decimal(18, 2)
/** A price of one unit. */
export const price = decimal(18, 4)
/** An exchange rate. */
export const rate = decimal(18, 6)
/** A quotient. */
export const ratioType = decimal(18, 4)
export const closedList = (name: string, values: readonly string[]): LogicalType => ({ kind: 'enum', name, values })

/** A column of an entity that may not be NULL. */
export const required = (name: string, type: LogicalType, description: string, references?: string): EntityColumn => ({
  name,
  type,
  nullable: false,
  description,
  ...(references ? { references } : {}),
})

/** A column of an entity that may be NULL. */
export const optional = (name: string, type: LogicalType, description: string, references?: string): EntityColumn => ({
  name,
  type,
  nullable: true,
  description,
  ...(references ? { references } : {}),
})

export const rowCheck = (
  name: string,
  condition: string,
  description: string,
  severity: Severity = 'error',
): RowCheck => ({ name, condition, description, severity })

interface ColumnOptions {
  readonly nullable?: boolean
  readonly unit?: string
}

export const dimension = (
  name: string,
  type: LogicalType,
  description: string,
  options: ColumnOptions = {},
): Dimension => ({
  role: 'dimension',
  name,
  type,
  description,
  nullable: options.nullable ?? false,
  ...unitOf(options),
})

export const measure = (
  name: string,
  type: LogicalType,
  adds: Aggregation,
  description: string,
  options: ColumnOptions = {},
): Measure => ({
  role: 'measure',
  name,
  type,
  adds,
  description,
  nullable: options.nullable ?? false,
  ...unitOf(options),
})

export const sum: Aggregation = { how: 'sum' }
export const min: Aggregation = { how: 'min' }
export const max: Aggregation = { how: 'max' }
export const last: Aggregation = { how: 'last' }
export const rowOnly: Aggregation = { how: 'rowOnly' }
export const ratio = (
  plus: readonly string[],
  denominator: string,
  scale: number,
  minus: readonly string[] = [],
): Aggregation => ({
  how: 'ratio',
  plus,
  minus,
  denominator,
  scale,
})

/** `column` and `source` hold the key of a row of `model`; `back` is the field there and its description. */
export const reference = (
  field: string,
  column: string,
  model: string,
  description: string,
  back?: readonly [field: string, description: string],
): Reference => ({
  model,
  columns: [sourceDimension.name, column],
  field,
  description,
  ...(back === undefined ? {} : { back: { field: back[0], description: back[1] } }),
})

/** All rows that share `source` and `column`, added up. */
export const total = (field: string, column: string, description: string): Total => ({
  columns: [sourceDimension.name, column],
  field,
  description,
})

/** The dimension that every model starts with. */
export const sourceDimension = dimension('source', text, 'The source (one retailer’s data) that this row belongs to.')

function unitOf(options: ColumnOptions): { unit?: string } {
  return options.unit === undefined ? {} : { unit: options.unit }
}
