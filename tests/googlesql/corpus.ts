import fc from 'fast-check'
import { entities } from '../../models/entities/index.js'
import { goldModels } from '../../models/gold/index.js'
import type { GoldModel, LogicalType } from '../../models/types.js'
import { checksOf } from '../../pipeline/quality/check-build.js'
import { runChecks } from '../../pipeline/quality/run-checks.js'
import { compileGroupCount, compileGroups } from '../../warehouses/compiler/groups.js'
import { compileRelated, compileRelatedCounts } from '../../warehouses/compiler/related.js'
import { compileCount, compileRows } from '../../warehouses/compiler/rows.js'
import type { BuildRef } from '../../warehouses/contract/builds.js'
import type { Dialect } from '../../warehouses/contract/dialect.js'
import type { Param, Row, Statement } from '../../warehouses/contract/values.js'
import { goldPlan } from '../../warehouses/template/gold-plan.js'
import { LedgerStatements } from '../../warehouses/toolkit/ledger.js'
import { mergeAppend, mergeFull } from '../../warehouses/toolkit/merge.js'
import { createTable, silverColumns } from '../../warehouses/toolkit/silver-table.js'
import { sourceStateStatements } from '../../warehouses/toolkit/source-state.js'
import { ledgerTable } from '../../warehouses/toolkit/state-tables.js'
import { filterOf, groupsOf, pageOf, relatedOf } from './arbitrary.js'
import { columnsOfAllTypes, expressions } from './expressions.js'
import type { Specimen } from './judge.js'
import { declared, goldTables, silverTables, typeOf } from './schemas.js'

/** Makes specimens of what the shared code writes in one dialect, for one place. Nothing runs. */
export class Corpus {
  readonly build: BuildRef = { buildId: 'b1', tag: 'b1_7' }
  readonly #silver
  readonly #gold

  constructor(
    private readonly dialect: Dialect,
    /** `ledger` as the adapter names it. */
    private readonly ledger: string,
  ) {
    this.#silver = silverTables(dialect)
    this.#gold = goldTables(dialect, this.build)
  }

  /** Groups of every Gold model and how many there are, the same for the same seed. */
  groups(ofEach: number, seed: number): Specimen[] {
    return goldModels.flatMap((model) =>
      fc
        .sample(groupsOf(model, this.build), { seed, numRuns: ofEach })
        .flatMap((query, index) => [
          this.specimen(`groups ${index} of ${model.name}`, compileGroups(query, this.dialect), this.tablesOf(model)),
          this.specimen(
            `count of groups ${index} of ${model.name}`,
            compileGroupCount(query, this.dialect),
            this.tablesOf(model),
          ),
        ]),
    )
  }

  /** The lists of several parents along every reference, and how many rows they have, the same for the same seed. */
  relations(ofEach: number, seed: number): Specimen[] {
    return goldModels.flatMap((model) =>
      (model.references ?? []).flatMap(({ field, columns }) =>
        fc.sample(relatedOf(model, columns, this.build), { seed, numRuns: ofEach }).flatMap((query, index) => {
          const what = `${index} of ${model.name} by ${field}`
          return [
            this.specimen(`lists ${what}`, compileRelated(query, this.dialect), this.tablesOf(model)),
            this.specimen(`counts ${what}`, compileRelatedCounts(query, this.dialect), this.tablesOf(model)),
          ]
        }),
      ),
    )
  }

  /** Pages and counts over every Gold model, the same for the same seed. */
  questions(pagesOfEach: number, countsOfEach: number, seed: number): Specimen[] {
    return goldModels.flatMap((model) => {
      const tables = this.tablesOf(model)
      const pages = fc.sample(pageOf(model, this.build), { seed, numRuns: pagesOfEach })
      const filters = fc.sample(filterOf(model), { seed, numRuns: countsOfEach })
      return [
        ...pages.map((page, index) =>
          this.specimen(`page ${index} of ${model.name}`, compileRows(page, this.dialect), tables),
        ),
        ...filters.map((filter, index) =>
          this.specimen(
            `count ${index} of ${model.name}`,
            compileCount(model, this.build, filter, this.dialect),
            tables,
          ),
        ),
      ]
    })
  }

  private tablesOf({ name: model }: GoldModel) {
    return this.#gold.filter(({ name }) =>
      this.dialect.goldTable(this.build, model).includes(name.split('.').at(-1) ?? name),
    )
  }

  /** The SELECT of every Gold model, with the columns that its declaration promises. */
  goldSelects(): Specimen[] {
    const plan = goldPlan({
      models: goldModels,
      entities: entities.map((entity) => entity.name),
      dialect: this.dialect,
      build: this.build,
    })
    return plan.map(({ model, select }) =>
      this.specimen(`sql/gold/${model.name}.sql`, { sql: select, params: [], columns: model.columns }),
    )
  }

  /** Every check by itself, and every statement that running them takes when each of them fails. */
  async checks(): Promise<Specimen[]> {
    const checks = checksOf({ entities, models: goldModels, dialect: this.dialect, build: this.build })
    const alone = checks.map(({ name, sql }) => this.specimen(`check ${name}`, { sql, params: [], columns: [] }))
    const asked: Specimen[] = []
    const query = async (statement: Statement): Promise<Row[]> => {
      asked.push(this.specimen(`statement ${asked.length} of the checks`, statement))
      // One violation wherever violations are counted.
      return checks.map((_check, probe) => ({ probe: BigInt(probe), violations: 1n }))
    }
    await runChecks(checks, { dialect: this.dialect, query })
    return [...alone, ...asked]
  }

  /** Everything that a dialect spells out, over columns of all types, with the type that its contract promises. */
  expressions(): Specimen[] {
    const table = this.dialect.silverTable('columns_of_all_types')
    const tables = [
      declared(
        table,
        columnsOfAllTypes.map((column) => ({ ...column, nullable: true })),
      ),
    ]
    return expressions(this.dialect).map(({ what, sql, type }) =>
      this.specimen(
        what,
        {
          sql: sql.startsWith('SELECT ') ? sql : `SELECT ${sql} AS x FROM ${table}`,
          params: [],
          columns: type === undefined ? [] : [{ name: 'x', type }],
        },
        tables,
      ),
    )
  }

  /** What fills Silver: DDL, merges of both modes, the ledger and the state of sources. */
  silver(): Specimen[] {
    const batch = { source: 's', hash: 'h', runId: 'r1', rows: 1n }
    const params = [{ type: { kind: 'text' as const }, value: 's' }]
    const state = { source: 's', currency: 'EUR', timezone: 'UTC', country: 'AT', givenAsOf: null }
    const ledger = new LedgerStatements(this.dialect, this.ledger)
    return [
      ...entities.flatMap((entity) => {
        const landing = this.dialect.silverTable(`landing_of_${entity.name}`)
        const columns = silverColumns(entity)
        const tables = [...this.#silver, declared(landing, columns)]
        return (['full', 'append'] as const).flatMap((mode) => {
          const { remove, insert } = (mode === 'full' ? mergeFull : mergeAppend)(this.dialect, entity, landing)
          return [
            this.specimen(`removal by a ${mode} merge of ${entity.name}`, { sql: remove, params, columns: [] }, tables),
            this.specimen(
              `insertion by a ${mode} merge of ${entity.name}`,
              { sql: insert, params: [], columns: [] },
              tables,
            ),
          ]
        })
      }),
      ...entities.map((entity) => {
        const sql = createTable(this.dialect, this.dialect.silverTable(entity.name), silverColumns(entity))
        return this.specimen(`DDL of ${entity.name}`, { sql, params: [], columns: silverColumns(entity) }, [])
      }),
      ...[
        ledger.ofSource('s'),
        ...entities.flatMap((entity) => [
          ledger.ofBatch({ ...batch, entity }),
          ledger.add({ ...batch, entity }, 'landing'),
          ledger.markMerged({ ...batch, entity }),
        ]),
        ledger.unmerged(),
        ledger.forget('sales'),
      ].map((statement, index) =>
        this.specimen(`ledger ${index}`, { columns: [], ...statement }, [declared(this.ledger, ledgerTable.columns)]),
      ),
      ...sourceStateStatements(this.dialect, entities, { ...state, entities: entities.map(({ name }) => name) }).map(
        (statement, index) => this.specimen(`state of sources ${index}`, { columns: [], ...statement }),
      ),
    ]
  }

  specimen(place: string, statement: Statement, tables = [...this.#silver, ...this.#gold]): Specimen {
    return { place, sql: statement.sql, tables, parameters: parametersOf(statement.params), columns: statement.columns }
  }
}

const parametersOf = (params: readonly Param[]) =>
  params.map(({ type }: { type: LogicalType }, index) => ({ name: `p${index + 1}`, type: typeOf(type) }))
