import { date, text } from '../../models/columns.js'
import { sourceEntitiesTable, sourcesTable } from '../../models/entities/system.js'
import type { Entity } from '../../models/types.js'
import type { SourceState } from '../contract/batch.js'
import type { Dialect } from '../contract/dialect.js'
import type { Param } from '../contract/values.js'
import { quotedNames } from './silver-table.js'

/** What an as_of is taken from where the run was given none. */
const datesOf: Readonly<Record<string, string>> = { sales: 'order_date', returns: 'return_date' }

/** Replaces what `silver.sources` and `silver.source_entities` say about one source. In this order, in one transaction. */
export function sourceStateStatements(
  dialect: Dialect,
  entities: readonly Entity[],
  state: SourceState,
): { readonly sql: string; readonly params: readonly Param[] }[] {
  const sources = dialect.silverTable(sourcesTable.name)
  const filled = dialect.silverTable(sourceEntitiesTable.name)
  const source: Param = { type: text, value: state.source }
  const names = (columns: typeof sourcesTable.columns) =>
    quotedNames(
      dialect,
      columns.map((column) => column.name),
    )
  const ofSource = `${dialect.quote('source')} = ${dialect.param(1, text)}`
  return [
    { sql: `DELETE FROM ${sources} WHERE ${ofSource}`, params: [source] },
    { sql: `DELETE FROM ${filled} WHERE ${ofSource}`, params: [source] },
    {
      sql:
        `INSERT INTO ${sources} (${names(sourcesTable.columns)}) SELECT ${[1, 2, 3, 4].map((n) => dialect.param(n, text)).join(', ')},` +
        ` COALESCE(${dialect.param(5, date)}, ${newestDate(dialect, entities)})`,
      params: [
        source,
        { type: text, value: state.currency },
        { type: text, value: state.timezone },
        { type: text, value: state.country },
        { type: date, value: state.givenAsOf },
      ],
    },
    ...[...new Set(state.entities)].sort().map((entity) => ({
      sql: `INSERT INTO ${filled} (${names(sourceEntitiesTable.columns)}) VALUES (${dialect.param(1, text)}, ${dialect.param(2, text)})`,
      params: [source, { type: text, value: entity }],
    })),
  ]
}

/** The source is parameter 1. */
function newestDate(dialect: Dialect, entities: readonly Entity[]): string {
  const newest = entities.flatMap((entity) => {
    const column = datesOf[entity.name]
    if (column === undefined || !entity.columns.some(({ name }) => name === column)) return []
    const table = dialect.silverTable(entity.name)
    return `SELECT MAX(${dialect.quote(column)}) AS newest FROM ${table} WHERE ${dialect.quote('source')} = ${dialect.param(1, text)}`
  })
  if (newest.length === 0) return 'NULL'
  return `(SELECT MAX(newest) FROM (${newest.join(' UNION ALL ')}) AS dates)`
}
