import { systemTables } from '../../models/entities/system.js'
import type { GoldModel } from '../../models/types.js'
import type { BuildRef } from '../contract/builds.js'
import type { Dialect } from '../contract/dialect.js'
import type { Template } from './parse.js'
import { type References, type RenderContext, renderTemplate, templateReferences } from './render.js'
import { readSqlFile } from './sql-files.js'

export interface GoldStep extends References {
  readonly model: GoldModel
  /** One SELECT without a semicolon whose columns have the names, types and order that the model declares. */
  readonly select: string
}

export interface GoldPlanOptions {
  readonly models: readonly GoldModel[]
  /** Names of all Silver entities. */
  readonly entities: readonly string[]
  readonly dialect: Dialect
  readonly build: BuildRef
  /** Defaults to `sql/gold/<model>.sql`. */
  readonly template?: (model: GoldModel) => Template
}

/**
 * The models in an order in which each finds the ones it reads already built (otherwise as they were given), each with its
 * final SELECT. Throws `TemplateError` for a mistake in a file and an Error for models that read each other in a circle.
 */
export function goldPlan(options: GoldPlanOptions): GoldStep[] {
  const { models, dialect, build } = options
  const read = options.template ?? ((model: GoldModel) => readSqlFile(`gold/${model.name}.sql`, dialect))
  const templates = new Map(models.map((model) => [model.name, read(model)]))
  const context = { dialect, ...goldTables(models, options.entities, dialect, build) }
  return buildingOrder(models, templates).map((model) => {
    const { sql, silver, gold } = renderTemplate(templates.get(model.name) ?? read(model), context)
    return { model, select: contractSelect(model, sql, dialect), silver, gold }
  })
}

/** How templates that read Silver and the Gold of one build find their tables; checks use it as well. */
export function goldTables(
  models: readonly GoldModel[],
  entities: readonly string[],
  dialect: Dialect,
  build: BuildRef,
): Pick<RenderContext, 'silver' | 'gold'> {
  const tables = new Set([...entities, ...systemTables.map((table) => table.name)])
  const names = new Set(models.map((model) => model.name))
  return {
    silver: (entity) => (tables.has(entity) ? dialect.silverTable(entity) : undefined),
    gold: (model) => (names.has(model) ? dialect.goldTable(build, model) : undefined),
  }
}

/** Wraps a model's SELECT so that every warehouse stores the declared columns, in their order and types. */
export function contractSelect(model: GoldModel, sql: string, dialect: Dialect): string {
  const columns = model.columns.map(
    (column) => `  ${dialect.cast(dialect.quote(column.name), column.type)} AS ${dialect.quote(column.name)}`,
  )
  return `SELECT\n${columns.join(',\n')}\nFROM (\n${sql.trim().replace(/\s*;$/, '')}\n) AS ${dialect.quote(model.name)}`
}

function buildingOrder(models: readonly GoldModel[], templates: ReadonlyMap<string, Template>): GoldModel[] {
  const byName = new Map(models.map((model) => [model.name, model]))
  const ordered = new Set<GoldModel>()
  const visit = (model: GoldModel, path: readonly string[]): void => {
    if (ordered.has(model)) return
    if (path.includes(model.name)) {
      const circle = [...path.slice(path.indexOf(model.name)), model.name].join(' → ')
      throw new Error(`Gold models read each other in a circle: ${circle}. Take one gold('…') out of it.`)
    }
    const template = templates.get(model.name)
    for (const name of template === undefined ? [] : templateReferences(template).gold) {
      const needed = byName.get(name)
      if (needed !== undefined) visit(needed, [...path, model.name])
    }
    ordered.add(model)
  }
  for (const model of models) visit(model, [])
  return [...ordered]
}
