import { entities } from '../../models/entities/index.js'
import { systemTables } from '../../models/entities/system.js'
import { goldModels } from '../../models/gold/index.js'
import type { LogicalType } from '../../models/types.js'
import type { BuildRef } from '../../warehouses/contract/builds.js'
import type { Dialect } from '../../warehouses/contract/dialect.js'
import { silverColumns } from '../../warehouses/toolkit/silver-table.js'
import type { DeclaredTable } from './analyzer.js'

/**
 * The type as the analyzer names it. Said here again and not asked of the adapter: what the adapter says is what is judged.
 */
export function typeOf(type: LogicalType): string {
  switch (type.kind) {
    case 'text':
    case 'enum':
      return 'STRING'
    case 'integer':
      return 'INT64'
    case 'decimal':
      return type.scale <= 9 && type.precision - type.scale <= 29 ? 'NUMERIC' : 'BIGNUMERIC'
    case 'boolean':
      return 'BOOL'
    case 'date':
      return 'DATE'
    case 'timestamp':
      return 'TIMESTAMP'
  }
}

interface Column {
  readonly name: string
  readonly type: LogicalType
  readonly nullable: boolean
}

/** A table under the name that the dialect gives it. */
export const declared = (sqlName: string, columns: readonly Column[]): DeclaredTable => ({
  name: sqlName.replaceAll('`', ''),
  columns: columns.map(({ name, type, nullable }) => ({
    name,
    type: typeOf(type),
    mode: nullable ? 'NULLABLE' : 'REQUIRED',
  })),
})

export const silverTables = (dialect: Dialect): DeclaredTable[] => [
  ...entities.map((entity) => declared(dialect.silverTable(entity.name), silverColumns(entity))),
  ...systemTables.map((table) => declared(dialect.silverTable(table.name), table.columns)),
]

export const goldTables = (dialect: Dialect, build: BuildRef): DeclaredTable[] =>
  goldModels.map((model) => declared(dialect.goldTable(build, model.name), model.columns))
