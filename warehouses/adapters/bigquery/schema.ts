import { createHash } from 'node:crypto'
import { text } from '../../../models/columns.js'
import { systemTables } from '../../../models/entities/system.js'
import type { Entity, GoldModel, LogicalType } from '../../../models/types.js'
import { readingOrder } from '../../contract/reading-order.js'
import { silverColumns } from '../../toolkit/silver-table.js'
import { ledgerTable } from '../../toolkit/state-tables.js'
import { columnType } from './types.js'

/** A table as the API takes it, without its name. */
export interface TableShape {
  readonly description: string
  readonly schema: { readonly fields: readonly Field[] }
  readonly timePartitioning?: { readonly type: 'MONTH'; readonly field: string }
  readonly clustering?: { readonly fields: readonly string[] }
}

interface Field {
  readonly name: string
  readonly type: string
  readonly mode: 'REQUIRED' | 'NULLABLE'
  readonly precision?: string
  readonly scale?: string
  readonly description?: string
}

interface Column {
  readonly name: string
  readonly type: LogicalType
  readonly nullable: boolean
  readonly description?: string
}

/** BigQuery's limits. */
const longestDescription = 1024
const mostClusters = 4

function field({ name, type, nullable, description }: Column): Field {
  return {
    name,
    type: columnType(type),
    mode: nullable ? 'NULLABLE' : 'REQUIRED',
    ...(type.kind === 'decimal' ? { precision: String(type.precision), scale: String(type.scale) } : {}),
    ...(description === undefined ? {} : { description: description.slice(0, longestDescription) }),
  }
}

function shape(
  description: string,
  columns: readonly Column[],
  day: string | undefined,
  clusters: readonly string[],
): TableShape {
  const fields = [...new Set(clusters)].filter((name) => name !== day).slice(0, mostClusters)
  return {
    description,
    schema: { fields: columns.map(field) },
    // By month: a day of a retailer is too small for a partition of its own, and a job may touch 4,000 of them at most.
    ...(day === undefined ? {} : { timePartitioning: { type: 'MONTH', field: day } }),
    ...(fields.length === 0 ? {} : { clustering: { fields } }),
  }
}

/** Partitioned by the first date that every row has (the business date); clustered by source and key, which merges look for. */
function silverShape(entity: Entity): TableShape {
  const day = entity.columns.find(({ type, nullable }) => type.kind === 'date' && !nullable)
  return shape(entity.description, silverColumns(entity), day?.name, ['source', ...entity.key])
}

/**
 * Partitioned by the date that rows come by, which is in the grain or is a fact's business date; clustered by what people filter by: the
 * rest of the grain, closed lists, then texts.
 */
export function goldShape(model: GoldModel): TableShape {
  const kindOf = (name: string) => model.columns.find((column) => column.name === name)?.type.kind
  const day = readingOrder(model).find(({ column }) => kindOf(column) === 'date')?.column
  const dimensions = (kind: LogicalType['kind']) =>
    model.columns.filter(({ role, type }) => role === 'dimension' && type.kind === kind).map(({ name }) => name)
  return shape(model.description, model.columns, day, [...model.grain, ...dimensions('enum'), ...dimensions('text')])
}

/** Holds one batch until it is merged. */
export const landingShape = (entity: Entity): TableShape =>
  shape(`A batch of ${entity.name} on its way to silver_${entity.name}.`, silverColumns(entity), undefined, [])

/** The adapter's own records. `fence` is made by its first row. */
export const stateShapes: ReadonlyMap<string, TableShape> = new Map([
  [
    ledgerTable.name,
    shape(
      'Batches that are here; landing names the table that holds one until it is merged.',
      ledgerTable.columns,
      undefined,
      [],
    ),
  ],
  [
    'declarations',
    shape(
      'What each Silver table was made from.',
      [
        { name: 'name', type: text, nullable: false },
        { name: 'signature', type: text, nullable: false },
      ],
      undefined,
      [],
    ),
  ],
])

export interface SilverTable {
  readonly name: string
  readonly shape: TableShape
  /** Of columns, partitions and clusters: a table with another one is made anew. */
  readonly signature: string
}

/** Every Silver table there must be. */
export function silverTables(entities: readonly Entity[]): SilverTable[] {
  return [
    ...entities.map((entity) => ({ name: entity.name, shape: silverShape(entity) })),
    ...systemTables.map(({ name, description, columns }) => ({
      name,
      shape: shape(description, columns, undefined, []),
    })),
  ].map((table) => ({ ...table, signature: signatureOf(table.shape) }))
}

function signatureOf({ schema, timePartitioning, clustering }: TableShape): string {
  const fields = schema.fields.map(({ description: _, ...rest }) => rest)
  return createHash('sha256').update(JSON.stringify({ fields, timePartitioning, clustering })).digest('hex')
}
