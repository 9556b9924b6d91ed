import { integer, text } from '../../models/columns.js'
import type { LogicalType } from '../../models/types.js'
import type { Batch } from '../contract/batch.js'
import type { Dialect } from '../contract/dialect.js'
import type { Param, Row, Statement, Value } from '../contract/values.js'
import { quotedNames } from './silver-table.js'
import { ledgerTable, stateTable } from './state-tables.js'

export type Change = Pick<Statement, 'sql' | 'params'>
type BatchName = Pick<Batch, 'source' | 'entity' | 'hash'>

/** The hashes of a source's batches, as `WarehouseWriter.ledger` gives them. */
export interface LedgerOfSource {
  readonly loaded: ReadonlySet<string>
  readonly merged: ReadonlySet<string>
}

/** What is asked of the ledger, and told it, in any dialect. Names are quoted: `hash` and `rows` are words of some. */
export class LedgerStatements {
  constructor(
    private readonly dialect: Dialect,
    private readonly table = stateTable(dialect, ledgerTable),
  ) {}

  ofSource(source: string): Statement {
    return this.#select(['hash', 'merged'], `${this.#name('source')} = ${this.#param(1)}`, [param(source)])
  }

  readonly readSource = (rows: readonly Row[]): LedgerOfSource => ({
    loaded: new Set(rows.map(({ hash }) => String(hash))),
    merged: new Set(rows.filter(({ merged }) => merged === true).map(({ hash }) => String(hash))),
  })

  /** No row, or one with `landing` and `merged`. */
  ofBatch(batch: BatchName): Statement {
    return this.#select(['landing', 'merged'], this.#isBatch(), batchParams(batch))
  }

  /** The landing tables of batches that wait for their merge. */
  unmerged(): Statement {
    return this.#select(['landing'], `NOT ${this.#name('merged')}`, [])
  }

  add(batch: Pick<Batch, 'runId' | 'rows'> & BatchName, landing: string): Change {
    const given = ['source', 'entity', 'hash', 'run_id', 'landing', 'rows']
    const values = given.map((name, index) => this.#param(index + 1, typeOf(name)))
    return {
      sql: `INSERT INTO ${this.table} (${quotedNames(this.dialect, [...given, 'merged'])}) VALUES (${values.join(', ')}, FALSE)`,
      params: [...batchParams(batch), param(batch.runId), param(landing), { type: integer, value: batch.rows }],
    }
  }

  markMerged(batch: BatchName): Change {
    return {
      sql: `UPDATE ${this.table} SET ${this.#name('merged')} = TRUE WHERE ${this.#isBatch()}`,
      params: batchParams(batch),
    }
  }

  /** The batches of an entity are to be loaded again. */
  forget(entity: string): Change {
    return {
      sql: `DELETE FROM ${this.table} WHERE ${this.#name('entity')} = ${this.#param(1)}`,
      params: [param(entity)],
    }
  }

  #select(names: readonly string[], where: string, params: readonly Param[]): Statement {
    const sql = `SELECT ${quotedNames(this.dialect, names)} FROM ${this.table} WHERE ${where}`
    return { sql, params, columns: names.map((name) => ({ name, type: typeOf(name) })) }
  }

  #isBatch(): string {
    return ['source', 'entity', 'hash']
      .map((name, index) => `${this.#name(name)} = ${this.#param(index + 1)}`)
      .join(' AND ')
  }

  #name(name: string): string {
    return this.dialect.quote(name)
  }

  #param(n: number, type: LogicalType = text): string {
    return this.dialect.param(n, type)
  }
}

const typeOf = (name: string): LogicalType => ledgerTable.columns.find((column) => column.name === name)?.type ?? text
const param = (value: Value): Param => ({ type: text, value })
const batchParams = ({ source, entity, hash }: BatchName): Param[] => [source, entity.name, hash].map(param)
