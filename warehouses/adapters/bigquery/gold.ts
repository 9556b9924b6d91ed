import type { GoldModel } from '../../../models/types.js'
import type { BuildRef } from '../../contract/builds.js'
import { WarehouseError } from '../../contract/errors.js'
import { goldColumns } from '../../toolkit/gold-table.js'
import { bigqueryDialectAt, tableIn } from './dialect.js'
import { goldShape } from './schema.js'
import type { WriterSession } from './session.js'
import type { Tables } from './tables.js'

/** Of a table that is filled, as its label `goldgate_state`: a table without it was begun and left. */
const filled = { goldgate_state: 'filled' }

async function isFilled(tables: Tables, name: string): Promise<boolean> {
  return (await tables.find(name))?.labels.goldgate_state === filled.goldgate_state
}

const goldName = (build: BuildRef, model: string): string => `gold_${model}__${build.tag}`

/**
 * The table first and its rows in one INSERT, which is atomic: so required columns, descriptions, partitions and labels are its own, and
 * BigQuery says how many rows it wrote. CREATE TABLE AS would say neither.
 */
export async function buildTable(
  session: WriterSession,
  tables: Tables,
  build: BuildRef,
  model: GoldModel,
  select: string,
): Promise<bigint> {
  await session.checkFence()
  const name = goldName(build, model.name)
  await tables.drop(name)
  try {
    await tables.create(name, goldShape(model), 'gold')
    const columns = goldColumns(bigqueryDialectAt(session.place), model)
    const changed = await session.change(
      'build',
      `INSERT INTO ${tableIn(session.place, name)} (${columns})\nSELECT ${columns} FROM (\n${select}\n) AS built`,
    )
    await tables.label(name, { ...session.jobs.labels('gold'), ...filled })
    return changed ?? (await tables.rows(name)) ?? 0n
  } catch (error) {
    await tables.drop(name).catch(() => undefined)
    throw error
  }
}

export async function finishBuild(session: WriterSession, tables: Tables, build: BuildRef): Promise<void> {
  await session.checkFence()
  const own = (await tables.list()).filter((name) => goldTag(name) === build.tag)
  const whole = await Promise.all(own.map((name) => isFilled(tables, name)))
  if (own.length > 0 && whole.every(Boolean)) return
  const message = own.length === 0 ? 'has no tables' : 'has a table that was begun and never filled'
  throw new WarehouseError('WAREHOUSE_ERROR', session.jobs.warehouse, `The build ${build.tag} ${message}.`)
}

export async function hasBuild(tables: Tables, build: BuildRef, models: readonly GoldModel[]): Promise<boolean> {
  const whole = await Promise.all(models.map((model) => isFilled(tables, goldName(build, model.name))))
  return whole.every(Boolean)
}

/** OR REPLACE takes other columns as well. The view says where its table is: BigQuery keeps no default for it. */
export async function exposeViews(
  session: WriterSession,
  build: BuildRef,
  models: readonly GoldModel[],
): Promise<void> {
  const statements = models.map(
    ({ name }) =>
      `CREATE OR REPLACE VIEW ${tableIn(session.place, name)} AS SELECT * FROM ${tableIn(session.place, goldName(build, name))}`,
  )
  await session.ddl('views', statements)
}

/** The tag of the build that a table belongs to; undefined for any other table. */
export function goldTag(table: string): string | undefined {
  // A tag begins behind the first __ from where all is lower case: models are snake_case with single underscores.
  return /^gold_(?:(?!__).)+__([a-z0-9_]{1,36})$/.exec(table)?.[1]
}

/** Which runner made it: tables of a later one are never touched, whatever this one believes to know. */
export function isOlderOrOwn(name: string, token: bigint): boolean {
  const suffix = /_(\d{1,19})$/.exec(name)?.[1]
  return suffix === undefined || BigInt(suffix) <= token
}
