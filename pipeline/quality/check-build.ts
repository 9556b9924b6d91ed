import type { Entity, GoldModel } from '../../models/types.js'
import type { BuildRef } from '../../warehouses/contract/builds.js'
import type { Dialect } from '../../warehouses/contract/dialect.js'
import type { Row, Statement } from '../../warehouses/contract/values.js'
import { goldTables } from '../../warehouses/template/gold-plan.js'
import type { Check, CheckResult } from './check.js'
import { fileChecks } from './check-files.js'
import { type CountedEntity, completeness } from './completeness.js'
import { entityChecks, modelChecks } from './derived-checks.js'
import { runChecks } from './run-checks.js'

export interface BuildToCheck {
  readonly entities: readonly Entity[]
  readonly models: readonly GoldModel[]
  readonly dialect: Dialect
  readonly build: BuildRef
  /** Reads Silver and the Gold tables of the build. */
  query(statement: Statement): Promise<Row[]>
  /** Of everything that the run conformed. */
  readonly counts: readonly CountedEntity[]
}

export interface CheckedBuild {
  readonly results: readonly CheckResult[]
  /** Newest order_date by source, "YYYY-MM-DD"; a source without a sale is absent. */
  readonly dataThrough: Readonly<Record<string, string>>
}

/** Runs everything that stands between a build and its publication. Throws what `query` throws. */
export async function checkBuild(subject: BuildToCheck): Promise<CheckedBuild> {
  const results = await runChecks(checksOf(subject), subject)
  return { results: [completeness(subject.counts), ...results], dataThrough: await dataThrough(subject) }
}

/** All checks of a build that are SQL. */
export function checksOf({ entities, models, dialect, build }: Omit<BuildToCheck, 'query' | 'counts'>): Check[] {
  const names = entities.map((entity) => entity.name)
  return [
    ...entityChecks(entities, dialect),
    ...modelChecks(models, dialect, build),
    ...fileChecks({ dialect, ...goldTables(models, names, dialect, build) }),
  ]
}

async function dataThrough({ dialect, query }: BuildToCheck): Promise<Record<string, string>> {
  const rows = await query({
    sql: `SELECT source, MAX(order_date) AS newest FROM ${dialect.silverTable('sales')} GROUP BY source`,
    params: [],
    columns: [
      { name: 'source', type: { kind: 'text' } },
      { name: 'newest', type: { kind: 'date' } },
    ],
  })
  return Object.fromEntries(rows.map((row) => [String(row.source), String(row.newest)]))
}
