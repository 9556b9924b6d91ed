import { boolean, integer, text } from '../../../models/columns.js'
import type { Batch } from '../../contract/batch.js'
import type { Param, Value } from '../../contract/values.js'
import { fenced } from '../../toolkit/errors.js'
import { type Change, LedgerStatements } from '../../toolkit/ledger.js'
import { quotedNames } from '../../toolkit/silver-table.js'
import { ledgerTable } from '../../toolkit/state-tables.js'
import { bigqueryDialectAt, tableIn } from './dialect.js'
import type { WriterSession } from './session.js'

export interface LedgerEntry {
  readonly entity: string
  readonly hash: string
  readonly landing: string
  readonly merged: boolean
}

/** What `mustWait` says of a batch that does not wait for its merge. */
export const mergedMark = 'goldgate: not waiting for its merge'

/** Reads look at the fence in the same statement: one job, and nobody is told what an outdated runner believes. */
export class Ledger {
  readonly #table: string
  readonly #statements: LedgerStatements
  readonly #dialect

  constructor(private readonly session: WriterSession) {
    this.#dialect = bigqueryDialectAt(session.place)
    this.#table = tableIn(session.place, ledgerTable.name)
    this.#statements = new LedgerStatements(this.#dialect, this.#table)
  }

  /** Of one source, or of all. */
  async entries(source?: string): Promise<LedgerEntry[]> {
    const names = ['entity', 'hash', 'landing', 'merged']
    const nothing = ['STRING', 'STRING', 'STRING', 'BOOL'].map((type) => `CAST(NULL AS ${type})`)
    const where = source === undefined ? '' : ` WHERE ${this.#dialect.quote('source')} = @p1`
    const rows = await this.session.read({
      sql:
        `SELECT ${quotedNames(this.#dialect, names)}, CAST(NULL AS INT64) AS token FROM ${this.#table}${where}` +
        ` UNION ALL SELECT ${nothing.join(', ')}, MAX(token) FROM ${this.session.fence}`,
      params: source === undefined ? [] : [param(source)],
      columns: [
        ...names.map((name) => ({ name, type: name === 'merged' ? boolean : text })),
        { name: 'token', type: integer },
      ],
    })
    const token = rows.find(({ hash }) => hash === null)?.token
    if (typeof token !== 'bigint' || token > this.session.token)
      throw fenced(this.session.jobs.warehouse, this.session.token)
    return rows.flatMap(({ entity, hash, landing, merged }) =>
      hash === null
        ? []
        : [{ entity: String(entity), hash: String(hash), landing: String(landing), merged: merged === true }],
    )
  }

  async find(batch: Batch): Promise<LedgerEntry | undefined> {
    const entries = await this.entries(batch.source)
    return entries.find(({ entity, hash }) => entity === batch.entity.name && hash === batch.hash)
  }

  /** The batch waits in its landing table, whatever the ledger said of it before. */
  noteLoaded(batch: Batch, landing: string): Change[] {
    const { sql, params } = this.#ofBatch(batch)
    return [{ sql: `DELETE FROM ${this.#table} WHERE ${sql}`, params }, this.#statements.add(batch, landing)]
  }

  noteMerged(batch: Batch): Change {
    return this.#statements.markMerged(batch)
  }

  /** Fails where the batch does not wait: another attempt, whose answer was lost, has merged it. */
  mustWait(batch: Batch): Change {
    const { sql, params } = this.#ofBatch(batch)
    const count = `IF(COUNT(*) = 1, 0, ERROR('${mergedMark}'))`
    return { sql: `SELECT ${count} AS waits FROM ${this.#table} WHERE ${sql} AND NOT merged`, params }
  }

  /** The batches of these entities are to be loaded again. */
  forget(entities: readonly string[]): Change[] {
    return entities.map((entity) => this.#statements.forget(entity))
  }

  #ofBatch({ source, entity, hash }: Batch): Change {
    const names = ['source', 'entity', 'hash'].map((name, index) => `${this.#dialect.quote(name)} = @p${index + 1}`)
    return { sql: names.join(' AND '), params: [source, entity.name, hash].map(param) }
  }
}

const param = (value: Value): Param => ({ type: text, value })
