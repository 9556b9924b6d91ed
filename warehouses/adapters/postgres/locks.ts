import type pg from 'pg'
import { WarehouseError } from '../../contract/errors.js'
import { sqlState } from '../../postgresql/failure.js'
import { schemas } from './schema.js'

/** A statement waited for a lock longer than it may, here or below an error of the warehouse. */
export function isLockTimeout(error: unknown): boolean {
  return sqlState(error) === '55P03' || (error instanceof WarehouseError && sqlState(error.cause) === '55P03')
}

/**
 * Runs `work` inside the caller's transaction if it gets its locks within `patienceMs`; false, and nothing done, where somebody has what he read open in a
 * transaction. For what can be done without, or in another way.
 */
export async function ifUnlocked(
  client: pg.Client,
  patienceMs: number,
  work: () => Promise<unknown>,
): Promise<boolean> {
  const before = (await client.query<{ lock_timeout: string }>('SHOW lock_timeout')).rows[0]?.lock_timeout
  await client.query(`SAVEPOINT before_lock; SET LOCAL lock_timeout = ${patienceMs}`)
  try {
    await work()
    await client.query(`RELEASE SAVEPOINT before_lock; SET LOCAL lock_timeout = '${before}'`)
    return true
  } catch (error) {
    if (!isLockTimeout(error)) throw error
    await client.query('ROLLBACK TO SAVEPOINT before_lock')
    return false
  }
}

/** An error that names those who hold locks here and have done so since before the wait began. */
export async function lockedError(warehouse: string, client: pg.Client, waitedMs: number, cause: unknown) {
  const { rows } = await client
    .query<Holder>(holders, [schemas, waitedMs])
    .catch(() => ({ rows: [] as readonly Holder[] }))
  const [first] = rows
  const message = first
    ? `Open transactions keep warehouse ${warehouse} from being changed: ${rows.map(describe).join('; ')}. Let them end (commit or close that session), or end them with SELECT pg_terminate_backend(${first.pid}), then run again.`
    : `Somebody's transaction kept warehouse ${warehouse} from being changed for ${waitedMs / 1000} s; it has ended since. Run again.`
  return new WarehouseError('LOCKED', warehouse, message, { cause })
}

interface Holder {
  readonly pid: string
  readonly user: string | null
  readonly application: string | null
  readonly since: string
  readonly tables: string
}

const describe = ({ pid, user, application, since, tables }: Holder): string =>
  `process ${pid} (user ${user}${application ? `, ${application}` : ''}, since ${since}) holds ${tables}`

const holders = `
SELECT a.pid, a.usename AS user, a.application_name AS application, to_char(min(a.xact_start), 'YYYY-MM-DD HH24:MI:SS TZ') AS since,
       string_agg(DISTINCT n.nspname || '.' || c.relname, ', ') AS tables
FROM pg_locks AS l
JOIN pg_stat_activity AS a USING (pid)
JOIN pg_class AS c ON c.oid = l.relation AND c.relkind IN ('r', 'p', 'v')
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE l.granted AND n.nspname = ANY ($1) AND a.pid <> pg_backend_pid() AND a.datname = current_database()
  AND COALESCE(a.application_name, '') !~ '^goldgate writer '
  AND COALESCE(a.xact_start, 'epoch') < clock_timestamp() - CAST($2 || ' milliseconds' AS interval)
GROUP BY a.pid, a.usename, a.application_name ORDER BY min(a.xact_start) LIMIT 5`
