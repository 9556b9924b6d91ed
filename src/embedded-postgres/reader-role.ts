import type pg from 'pg'
import { withClient } from './client.js'

/** For people: published tables must not change, so the URL that is shown to them is for reading. */
export const READER = 'goldgate_reader'

/** A transaction that somebody forgot holds what he has read: a pipeline that has to replace it would wait for him. */
const settings = {
  default_transaction_read_only: 'on',
  search_path: 'gold, public',
  statement_timeout: "'10min'",
  idle_in_transaction_session_timeout: "'10min'",
}

/** Functions that leave something behind and that PostgreSQL lets everybody call. */
const makersOfLargeObjects = ['lo_creat(integer)', 'lo_create(oid)', 'lo_from_bytea(oid, bytea)']

/** The role as it shall be, whatever became of it: its user may change its password and settings, and nothing keeps him from that. */
export async function makeReader(url: string, password: string): Promise<void> {
  await withClient(url, async (client) => {
    const found = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [READER])
    if (found.rowCount === 0) await client.query(`CREATE ROLE ${READER}`)
    const assignments = Object.entries(settings).map(([name, value]) => `ALTER ROLE ${READER} SET ${name} = ${value}`)
    await client.query(`SET client_min_messages = error; REVOKE pg_read_all_data FROM ${READER};
      ALTER ROLE ${READER} LOGIN NOINHERIT CONNECTION LIMIT 50 PASSWORD ${client.escapeLiteral(password)};
      ALTER ROLE ${READER} RESET ALL; ${assignments.join('; ')}`)
    const databases = await client.query<{ name: string }>('SELECT datname AS name FROM pg_database WHERE datallowconn')
    for (const { name } of databases.rows) await closeDatabase(client, name)
  })
}

/** PostgreSQL lets everybody connect to a new database, and make temporary tables there. */
export async function closeDatabase(client: pg.Client, name: string): Promise<void> {
  await client.query(`REVOKE CONNECT, TEMPORARY ON DATABASE ${client.escapeIdentifier(name)} FROM PUBLIC`)
}

/** Takes back what `openToReader` gave: a database may have been for people once. */
export async function closeToReader(client: pg.Client, name: string): Promise<void> {
  const open = await client.query(`SELECT WHERE has_database_privilege('${READER}', $1, 'CONNECT')`, [name])
  if (open.rowCount === 1)
    await client.query(`REVOKE CONNECT ON DATABASE ${client.escapeIdentifier(name)} FROM ${READER}`)
}

/** Lets the reader into a database: all tables of its owner, also those that do not exist yet, and nothing of PostgreSQL's own. */
export async function openToReader(url: string): Promise<void> {
  await withClient(url, async (client) => {
    const { rows } = await client.query<{ name: string; known: boolean }>(
      `SELECT current_database() AS name, EXISTS (SELECT FROM pg_default_acl
         WHERE defaclobjtype = 'n' AND array_to_string(defaclacl, ',') LIKE '%${READER}=%') AS known`,
    )
    const [database] = rows
    if (!database || database.known) return
    const schemas = await client.query<{ name: string }>(
      `SELECT nspname AS name FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'`,
    )
    const names = schemas.rows.map(({ name }) => client.escapeIdentifier(name)).join(', ')
    await client.query(`BEGIN; REVOKE EXECUTE ON FUNCTION ${makersOfLargeObjects.join(', ')} FROM PUBLIC;
      GRANT CONNECT ON DATABASE ${client.escapeIdentifier(database.name)} TO ${READER};
      ${names === '' ? '' : `GRANT USAGE ON SCHEMA ${names} TO ${READER}; GRANT SELECT ON ALL TABLES IN SCHEMA ${names} TO ${READER};`}
      ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO ${READER};
      ALTER DEFAULT PRIVILEGES GRANT USAGE ON SCHEMAS TO ${READER}; COMMIT`)
  })
}
