import type pg from 'pg'
import { sourceDimension } from '../../../models/columns.js'
import type { GoldModel, OrderTerm } from '../../../models/types.js'
import type { BuildRef } from '../../contract/builds.js'
import { readingOrder } from '../../contract/reading-order.js'
import { goldColumns, goldComments } from '../../toolkit/gold-table.js'
import { stateTable } from '../../toolkit/state-tables.js'
import { postgresDialect as dialect } from './dialect.js'
import { goldTables, landingTable, ledger } from './schema.js'
import { readRows } from './values.js'

const made = stateTable(dialect, goldTables)

/** One model's table, inside the caller's transaction. */
export async function buildTable(
  client: pg.Client,
  build: BuildRef,
  model: GoldModel,
  select: string,
): Promise<bigint> {
  const table = dialect.goldTable(build, model.name)
  await client.query(`DROP TABLE IF EXISTS ${table}`)
  // CREATE TABLE AS, since only it may use parallel workers; INSERT … SELECT does not.
  const filled = await client.query(
    `CREATE TABLE ${table} AS SELECT ${goldColumns(dialect, model)} FROM (\n${select}\n) AS built`,
  )
  const required = model.columns.filter((column) => !column.nullable)
  const notNull = required.map((column) => `ALTER COLUMN ${dialect.quote(column.name)} SET NOT NULL`)
  if (notNull.length > 0) await client.query(`ALTER TABLE ${table} ${notNull.join(', ')}`)
  // ANALYZE here and not for all tables at the end, so that two tables are looked at side by side.
  const behind = [...goldIndexes(table, model), `ANALYZE ${table}`, ...goldComments(dialect, table, model)]
  await client.query(behind.join(';\n'))
  await client.query(`INSERT INTO ${made} (tag, model) VALUES ($1, $2) ON CONFLICT DO NOTHING`, [build.tag, model.name])
  return BigInt(filled.rowCount ?? 0)
}

/**
 * For pages in the default order (NULLs where a B-tree has them: last, or first when descending), for rows by their key, and for the rows that
 * point to a row of another model, in the default order as well. Not unique: the grain is a check, whose failure keeps the build for inspection,
 * where a unique index would leave none.
 */
export function goldIndexes(table: string, model: GoldModel): string[] {
  const reading = readingOrder(model)
  const grain = ascending(sourceSecond(model.grain))
  const nullable = new Set(model.columns.filter((column) => column.nullable).map(({ name }) => name))
  const back = (model.references ?? []).flatMap(({ columns, back: field }) => {
    // Nobody follows it from the other side, or the first columns of another index are the same.
    if (field === undefined || [reading, grain].some((terms) => beginsWith(terms, columns))) return []
    const own = columns.filter((column) => column !== sourceDimension.name)
    // The source where the order has it: in front it would only be compared more often, and an answer that does not name it could not use the order.
    const rest = reading.filter(({ column }) => !own.includes(column))
    const unknown = own.filter((column) => nullable.has(column)).map((column) => `${dialect.quote(column)} IS NOT NULL`)
    const rows = unknown.length === 0 ? '' : ` WHERE ${unknown.join(' AND ')}`
    return [`${createIndex(table, [...ascending(own), ...rest])}${rows}`]
  })
  return [...new Set([createIndex(table, reading), createIndex(table, grain), ...back])]
}

/** Sources are few: in front, the same text would be compared again and again (230 ms for 200,000 rows instead of 130). */
function sourceSecond(columns: readonly string[]): readonly string[] {
  const [first, ...others] = columns.filter((column) => column !== sourceDimension.name)
  return first === undefined ? columns : [first, sourceDimension.name, ...others]
}

const ascending = (columns: readonly string[]): OrderTerm[] =>
  columns.map((column) => ({ column, direction: 'asc' as const }))

const beginsWith = (terms: readonly OrderTerm[], columns: readonly string[]): boolean =>
  terms.slice(0, columns.length).every(({ column }) => columns.includes(column))

const createIndex = (table: string, terms: readonly OrderTerm[]): string =>
  `CREATE INDEX ON ${table} (${terms.map(({ column, direction }) => `${dialect.quote(column)} ${direction.toUpperCase()}`).join(', ')})`

/** Each table was made ready with itself. */
export async function finishBuild(client: pg.Client, build: BuildRef): Promise<void> {
  const { rows } = await client.query(`SELECT 1 FROM ${made} WHERE tag = $1 LIMIT 1`, [build.tag])
  if (rows.length === 0) throw new Error(`the build ${build.tag} has no tables`)
}

/** Asks the catalog: somebody may have dropped a table by hand. */
export async function hasTables(client: pg.Client, build: BuildRef, models: readonly GoldModel[]): Promise<boolean> {
  const { rows } = await client.query<{ present: string }>(
    'SELECT COUNT(to_regclass(name)) AS present FROM unnest($1::text[]) AS wanted(name)',
    [models.map((model) => dialect.goldTable(build, model.name))],
  )
  return Number(rows[0]?.present) === models.length
}

/** Tags of builds that have tables here and are not in `tags`. */
export async function unwantedTags(client: pg.Client, tags: ReadonlySet<string>): Promise<string[]> {
  const { rows } = await client.query<{ tag: string }>(
    `SELECT DISTINCT tag FROM ${made} WHERE tag <> ALL ($1::text[]) ORDER BY tag`,
    [[...tags]],
  )
  return rows.map(({ tag }) => tag)
}

/** What is only swept away waits for nobody for long. */
const sweepPatience = `SET LOCAL lock_timeout = '5s'`

/** Fails with 55P03 when a reader holds a table of it: then it is dropped next time. */
export async function dropBuild(client: pg.Client, tag: string): Promise<string[]> {
  const { rows } = await client.query<{ model: string }>(`DELETE FROM ${made} WHERE tag = $1 RETURNING model`, [tag])
  const tables = rows.map(({ model }) => dialect.goldTable({ buildId: tag, tag }, model)).sort()
  await client.query(sweepPatience)
  // CASCADE: a view of schema gold that still shows the build would keep it.
  if (tables.length > 0) await client.query(`DROP TABLE IF EXISTS ${tables.join(', ')} CASCADE`)
  return tables
}

/** Fails with 55P03 as well. */
export async function dropOrphanedLandings(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT tablename::text AS name FROM pg_tables WHERE schemaname = 'landing' ORDER BY 1`,
  )
  // Asked behind the list: a batch that is loaded meanwhile is in the ledger, but not among the tables to drop.
  const needed = new Set((await readRows(client, ledger.unmerged())).map(({ landing }) => landing))
  const tables = rows.filter(({ name }) => !needed.has(name)).map(({ name }) => landingTable(name))
  await client.query(sweepPatience)
  if (tables.length > 0) await client.query(`DROP TABLE ${tables.join(', ')}`)
  return tables
}
