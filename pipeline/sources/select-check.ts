import { type DuckDBConnection, DuckDBInstance, DuckDBTypeId } from '@duckdb/node-api'
import type { Entity } from '../../models/types.js'
import { positionAt, readDuckDbError } from './duckdb-error.js'
import type { Dataset, Mapping } from './mapping.js'
import { mappingMacros } from './mapping-macros.js'
import { readSelectTree, type SelectTree } from './select-tree.js'
import { quoteIdentifier, quoteText } from './sql-text.js'

/** A mistake at a place in SQL text. */
export class SqlMistake extends Error {
  constructor(
    message: string,
    /** In bytes. */
    readonly offset: number,
  ) {
    super(message)
  }

  positionIn(sql: string): { readonly line: number; readonly position: number } {
    return positionAt(sql, this.offset)
  }
}

/** Prepares the SQL of one mapping against empty raw tables: what binds here runs over the files. Nothing is read. */
export class SelectCheck {
  private constructor(
    private readonly instance: DuckDBInstance,
    private readonly connection: DuckDBConnection,
    private readonly datasets: readonly Dataset[],
  ) {}

  static async open(mapping: Pick<Mapping, 'currency' | 'timezone' | 'datasets'>): Promise<SelectCheck> {
    const instance = await DuckDBInstance.create(':memory:', { threads: '1', enable_external_access: 'false' })
    const connection = await instance.connect()
    for (const statement of [
      `SET TimeZone = 'UTC'`,
      'SET errors_as_json = true',
      ...mappingMacros(mapping),
      'CREATE SCHEMA raw',
      ...mapping.datasets.map(emptyTable),
    ])
      await connection.run(statement)
    return new SelectCheck(instance, connection, mapping.datasets)
  }

  close(): void {
    this.connection.closeSync()
    this.instance.closeSync()
  }

  /** Checks the SELECT of an entity; returns the datasets that it reads besides `from`. Throws `SqlMistake`. */
  async checkSelect(sql: string, entity: Entity, from: string, grouped: boolean): Promise<readonly string[]> {
    const prepared = await this.prepare(sql, 0)
    const tree = await this.tree(sql)
    // Conform wraps it in brackets, where a semicolon with a comment behind it does not work.
    await this.prepare(`SELECT * FROM (\n${sql}\n)`, 'SELECT * FROM (\n'.length)
    const read = this.readTables(tree, 0)
    if (!read.has(from)) throw new SqlMistake(`does not read raw.${from}, the dataset that drives ${entity.name}`, 0)
    const place = (index: number) => tree.columnOffset(index) ?? tree.columnOffset(0) ?? 0
    const wanted = new Map(
      entity.columns.filter((column) => column.computed === undefined).map((c) => [c.name, c.type]),
    )
    const seen = new Set<string>()
    for (let index = 0; index < prepared.columnCount; index++) {
      const name = prepared.columnName(index)
      const type = prepared.columnTypeId(index)
      if (seen.has(name)) throw new SqlMistake(`column ${name} is there twice`, place(index))
      seen.add(name)
      if (name === '_line') {
        if (String(prepared.columnType(index)) !== 'STRUCT("object" VARCHAR, "row" BIGINT)')
          throw new SqlMistake(
            '_line must be that of a raw row, unchanged (in a grouped SELECT: min(_line))',
            place(index),
          )
      } else if (name === '_lines' && grouped) {
        if (!wholeNumbers.has(type))
          throw new SqlMistake('_lines must be count(*), the number of raw rows in the group', place(index))
      } else if (name === '_version') {
        if (type === DuckDBTypeId.FLOAT || type === DuckDBTypeId.DOUBLE)
          throw new SqlMistake('_version must be a whole number, a timestamp or text of either', place(index))
      } else {
        const logical = wanted.get(name)
        if (logical === undefined) throw new SqlMistake(unexpected(name, entity, grouped), place(index))
        const binaryFloat = type === DuckDBTypeId.FLOAT || type === DuckDBTypeId.DOUBLE
        if (binaryFloat && (logical.kind === 'decimal' || logical.kind === 'integer'))
          throw new SqlMistake(
            `${name} is a binary float, which is not exact: cast it to a DECIMAL, or keep the text`,
            place(index),
          )
      }
    }
    const missing = [...wanted.keys(), '_line', ...(grouped ? ['_lines'] : [])].filter((name) => !seen.has(name))
    if (missing.length > 0)
      throw new SqlMistake(
        `${entity.name} needs ${missing.join(', ')}${missing.length === 1 && missing[0]?.startsWith('_') ? '' : '; write NULL AS … for what the source does not know'}`,
        place(0),
      )
    return [...read].filter((name) => name !== from)
  }

  /** Checks a filter over the driving dataset. Offsets are those in `where`. */
  async checkFilter(where: string, from: string): Promise<void> {
    const before = 'SELECT ('
    const sql = `${before}${where}\n) FROM raw.${quoteIdentifier(from)}`
    const prepared = await this.prepare(sql, before.length)
    const tree = await this.tree(sql)
    this.readTables(tree, before.length)
    if (tree.tables.length > 1) throw new SqlMistake('a filter looks at one row: a SELECT inside it is not possible', 0)
    if (prepared.columnCount !== 1 || prepared.columnTypeId(0) !== DuckDBTypeId.BOOLEAN)
      throw new SqlMistake('a filter is true or false', 0)
  }

  private async prepare(sql: string, start: number) {
    try {
      const prepared = await this.connection.prepare(sql)
      if (prepared.parameterCount > 0) throw new SqlMistake('has placeholders, and nothing fills them', 0)
      return prepared
    } catch (error) {
      if (error instanceof SqlMistake) throw error
      const { message, offset } = readDuckDbError(error, sql)
      throw new SqlMistake(message, Math.max(0, (offset ?? start) - start))
    }
  }

  private async tree(sql: string): Promise<SelectTree> {
    const answer = await this.connection.runAndReadAll(`SELECT json_serialize_sql(${quoteText(sql)})`)
    const json: unknown = JSON.parse(String(answer.getRows()[0]?.[0]))
    if (typeof json === 'object' && json !== null && 'error' in json && json.error === true)
      throw new SqlMistake('must be one SELECT', 0)
    const columns = this.datasets.flatMap((dataset) => dataset.columns.map((column) => column.toLowerCase()))
    return readSelectTree(json, new Set(columns))
  }

  private readTables(tree: SelectTree, start: number): Set<string> {
    const first = tree.forbidden[0]
    if (first) throw new SqlMistake(first.message, Math.max(0, first.offset - start))
    for (const use of tree.tables) {
      if (use.schema !== 'raw' || !this.datasets.some((dataset) => dataset.name === use.table))
        throw new SqlMistake(
          `${use.schema === '' ? use.table : `${use.schema}.${use.table}`} is not a dataset of the source; write raw.<dataset>`,
          Math.max(0, use.offset - start),
        )
    }
    return new Set(tree.tables.map((use) => use.table))
  }
}

const wholeNumbers = new Set([DuckDBTypeId.BIGINT, DuckDBTypeId.INTEGER, DuckDBTypeId.HUGEINT])

function emptyTable(dataset: Dataset): string {
  const columns = dataset.columns.map((column) => `${quoteIdentifier(column)} VARCHAR`)
  return `CREATE TABLE raw.${quoteIdentifier(dataset.name)} (${columns.join(', ')}, _line STRUCT("object" VARCHAR, "row" BIGINT))`
}

function unexpected(name: string, entity: Entity, grouped: boolean): string {
  if (entity.columns.some((column) => column.name === name))
    return `${name} is always computed from the other columns: leave it out`
  if (name === '_lines' && !grouped) return '_lines belongs to a grouped entity: say grouped: true, or leave it out'
  return `${entity.name} has no column ${name}`
}
