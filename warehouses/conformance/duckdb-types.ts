import type { LogicalType } from '../../models/types.js'

/** The type of a batch's column in Parquet, as DuckDB calls it. Written out here, so that a mistake in a dialect is not made twice. */
export function duckdbTypeName(type: LogicalType): string {
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
      return 'TIMESTAMPTZ'
  }
}
