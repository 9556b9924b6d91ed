import pg from 'pg'
import { readSqlFile } from '../../warehouses/template/sql-files.js'
import { type ControlConnection, controlClientConfig } from './connection.js'
import { ControlError } from './errors.js'

const MIGRATIONS = [
  '001-control.sql',
  '002-replicas.sql',
  '003-parity.sql',
  '004-gateways.sql',
  '005-api-keys.sql',
] as const

/** Any constant will do: everyone who migrates this schema takes the same lock. */
const MIGRATION_LOCK = 7_201_144_301

/** The control database: a pool, and its schema brought up to date. */
export class ControlDatabase {
  private constructor(readonly pool: pg.Pool) {}

  /** Throws CONTROL_UNAVAILABLE when the database cannot be reached, CONTROL_ERROR when its schema cannot be made. */
  static async open(connection: ControlConnection): Promise<ControlDatabase> {
    const config = await controlClientConfig(connection).catch((cause: unknown) => {
      throw ControlError.unavailable(cause)
    })
    const pool = new pg.Pool({
      ...{ ...config, max: connection.poolSize ?? 8, application_name: 'goldgate control' },
      // A process that is paused within a transaction must not hold its locks, that of the lease among them, for as long as it sleeps.
      idle_in_transaction_session_timeout: 10_000,
    })
    // Without listeners a lost connection ends the process: the pool's own for idle ones, the client's for one in use between two statements. The
    // next statement reports it instead.
    pool.on('error', () => {})
    pool.on('connect', (client) => client.on('error', () => {}))
    const database = new ControlDatabase(pool)
    try {
      await database.migrate()
    } catch (error) {
      await pool.end()
      throw error
    }
    return database
  }

  /** The rows of one statement. Throws CONTROL_UNAVAILABLE or CONTROL_ERROR. */
  async query<R extends pg.QueryResultRow>(sql: string, params: readonly unknown[] = []): Promise<R[]> {
    try {
      return (await this.pool.query<R>(sql, [...params])).rows
    } catch (error) {
      throw ControlError.of(error)
    }
  }

  /** One transaction; what `work` throws rolls it back. Throws CONTROL_UNAVAILABLE or CONTROL_ERROR for what the database says. */
  async transaction<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const client = await this.pool.connect().catch((cause: unknown) => {
      throw ControlError.unavailable(cause)
    })
    let broken: Error | undefined
    try {
      await client.query('BEGIN')
      const result = await work(client)
      await client.query('COMMIT')
      return result
    } catch (error) {
      await client.query('ROLLBACK').catch((lost: Error) => {
        broken = lost
      })
      throw ControlError.of(error)
    } finally {
      client.release(broken)
    }
  }

  async close(): Promise<void> {
    await this.pool.end()
  }

  private async migrate(): Promise<void> {
    await this.transaction(async (client) => {
      await client.query('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK])
      await client.query('CREATE SCHEMA IF NOT EXISTS goldgate_control')
      await client.query('CREATE TABLE IF NOT EXISTS goldgate_control.migrations (name text PRIMARY KEY)')
      const done = await client.query<{ name: string }>('SELECT name FROM goldgate_control.migrations')
      const names = new Set(done.rows.map((row) => row.name))
      for (const name of MIGRATIONS) {
        if (names.has(name)) continue
        await client.query(readSqlFile(`control/${name}`).text)
        await client.query('INSERT INTO goldgate_control.migrations VALUES ($1)', [name])
      }
    })
  }
}
