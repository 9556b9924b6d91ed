import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Entity, GoldModel } from '../../models/types.js'
import type { RowsQuery } from '../compiler/query.js'
import { compileRows } from '../compiler/rows.js'
import type { Batch } from '../contract/batch.js'
import type { BuildRef } from '../contract/builds.js'
import type { Row, Value } from '../contract/values.js'
import type { Warehouse, WarehouseWriter } from '../contract/warehouse.js'
import { contractSelect } from '../template/gold-plan.js'
import { silverColumns } from '../toolkit/silver-table.js'
import { writeParquet } from './parquet.js'
import type { Subject } from './subject.js'
import { thingList, things } from './things.js'

export interface BatchOptions {
  readonly entity?: Entity
  readonly source?: string
  readonly mode?: 'full' | 'append'
  readonly runId?: string
}

export const buildRef = (tag: string): BuildRef => ({ buildId: tag.replace(/_\d+$/, ''), tag })

/** What the cases do over and over with one warehouse. */
export class Workbench {
  #batches = 0

  private constructor(
    readonly subject: Subject,
    readonly warehouse: Warehouse,
    private readonly entities: readonly Entity[],
    private readonly models: readonly GoldModel[],
  ) {}

  static async open(
    subject: Subject,
    declared: { readonly entities?: readonly Entity[]; readonly models?: readonly GoldModel[] } = {},
  ): Promise<Workbench> {
    const { entities = [things], models = [thingList] } = declared
    return new Workbench(subject, await subject.open(), entities, models)
  }

  writer(token = 1n): Promise<WarehouseWriter> {
    return this.warehouse.openWriter(token, this.entities)
  }

  /** Opens a writer for `work` and closes it. */
  async write<T>(work: (writer: WarehouseWriter) => Promise<T>, token = 1n): Promise<T> {
    const writer = await this.writer(token)
    try {
      return await work(writer)
    } finally {
      await writer.close()
    }
  }

  /** A finished build of these rows. */
  publish(rows: readonly Row[], tag = 'run1_1', token = 1n): Promise<BuildRef> {
    return this.write(async (writer) => {
      await this.fill(writer, rows)
      return this.build(writer, tag)
    }, token)
  }

  /** A batch with these rows; lineage is added where a row has none. */
  async batch(rows: readonly Row[], options: BatchOptions = {}): Promise<Batch> {
    const { entity = this.#entity(), source = 'shop', mode = 'full', runId = 'run1' } = options
    this.#batches += 1
    const parquetPath = join(this.subject.directory, `batch-${this.#batches}.parquet`)
    const lineage = { source, _run: runId, _object: `bronze/${source}/${entity.name}` }
    const full = rows.map((row, index) => ({ ...lineage, _row: BigInt(index + 1), ...row }))
    await writeParquet(parquetPath, silverColumns(entity), full)
    const hash = createHash('sha256').update(`${source} ${entity.name} ${this.#batches}`).digest('hex')
    return { source, entity, mode, runId, hash, parquetPath, uris: [], rows: BigInt(rows.length), bytes: 1 }
  }

  /** Loads and merges rows of one batch. */
  async fill(writer: WarehouseWriter, rows: readonly Row[], options: BatchOptions = {}): Promise<Batch> {
    const batch = await this.batch(rows, options)
    await writer.load(batch)
    await writer.merge(batch)
    return batch
  }

  /** A finished build of the models, each the whole of the first entity. */
  async build(writer: WarehouseWriter, tag: string): Promise<BuildRef> {
    const build = buildRef(tag)
    for (const model of this.models) await writer.buildTable(build, model, this.select(model))
    await writer.finishBuild(build)
    return build
  }

  select(model: GoldModel, entity = this.#entity()): string {
    const { dialect } = this.warehouse
    return contractSelect(model, `SELECT * FROM ${dialect.silverTable(entity.name)}`, dialect)
  }

  /** Rows of a build as the gateway asks for them, only the asked columns, by key unless another order is given. */
  async read(build: BuildRef, columns: readonly string[], query: Partial<RowsQuery> = {}): Promise<Row[]> {
    const model = query.model ?? thingList
    const byKey = model.grain.map((column) => ({ column, direction: 'asc' as const, nulls: 'last' as const }))
    const statement = compileRows(
      { model, build, columns, order: byKey, limit: 1000, ...query },
      this.warehouse.dialect,
    )
    const rows = await this.warehouse.query(statement, [build])
    return rows.map((row) => Object.fromEntries(columns.map((name) => [name, row[name] ?? null])))
  }

  async readColumn(build: BuildRef, column: string, query: Partial<RowsQuery> = {}): Promise<Value[]> {
    return (await this.read(build, [column], query)).map((row) => row[column] ?? null)
  }

  /** Silver rows of an entity by key, lineage left out. */
  async silver(writer: WarehouseWriter, entity = this.#entity()): Promise<Row[]> {
    const { dialect } = this.warehouse
    const columns = silverColumns(entity).filter(({ name }) => !name.startsWith('_'))
    const quoted = (names: readonly string[]) => names.map((name) => dialect.quote(name)).join(', ')
    const sql = `SELECT ${quoted(columns.map(({ name }) => name))} FROM ${dialect.silverTable(entity.name)} ORDER BY ${quoted(['source', ...entity.key])}`
    return writer.query({ sql, params: [], columns })
  }

  #entity(): Entity {
    return this.entities[0] ?? things
  }
}
