import pg from 'pg'
import type { Diagnosis } from '../contract/diagnosis.js'
import { refusalOf } from './refusal.js'

const patienceMs = 10_000

interface Facts {
  readonly version: string
  readonly database: string
  readonly user: string
  readonly encoding: string
  readonly read_only: boolean
  readonly may_create: boolean
  readonly encrypted: boolean
}

const facts = `
SELECT current_setting('server_version') AS version, current_database() AS database, current_user AS user,
       current_setting('server_encoding') AS encoding, current_setting('transaction_read_only') = 'on' AS read_only,
       has_database_privilege(current_database(), 'CREATE') AS may_create,
       COALESCE((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), FALSE) AS encrypted`

/** Each of the schemas that is there, and how many tables in it the user may not change for want of being their owner. */
const schemaState = `
SELECT n.nspname AS name, has_schema_privilege(n.oid, 'USAGE') AND has_schema_privilege(n.oid, 'CREATE') AS usable,
       (SELECT count(*) FROM pg_class AS c WHERE c.relnamespace = n.oid AND c.relkind IN ('r', 'v', 'p')
          AND NOT pg_has_role(c.relowner, 'USAGE'))::int AS foreign_tables
FROM pg_namespace AS n WHERE n.nspname = ANY ($1) ORDER BY 1`

/**
 * Connects and looks whether the user may make and change everything in `schemas`; changes nothing. Never throws: what keeps it from connecting is a
 * problem like any other.
 */
export async function diagnosePostgres(config: pg.ClientConfig, schemas: readonly string[]): Promise<Diagnosis> {
  const client = new pg.Client({
    ...config,
    types: undefined,
    connectionTimeoutMillis: patienceMs,
    query_timeout: patienceMs,
    application_name: 'goldgate check',
  })
  client.on('error', () => undefined)
  const host = `${client.host}:${client.port}`
  try {
    await client.connect()
    const { rows } = await client.query<Facts>(facts)
    const [found] = rows
    if (!found) throw new Error('the server said nothing about itself')
    const state = await client.query<SchemaState>(schemaState, [schemas])
    return {
      found: `PostgreSQL ${found.version.split(' ')[0]} on ${host}, database ${found.database}, user ${found.user}, ${found.encrypted ? 'encrypted' : 'not encrypted'}, ${schemaLine(schemas, state.rows)}`,
      problems: [...serverProblems(found), ...schemaProblems(schemas, state.rows, found)],
    }
  } catch (error) {
    return { found: `no connection to ${host}`, problems: [refusalOf(error)] }
  } finally {
    await client.end().catch(() => undefined)
  }
}

interface SchemaState {
  readonly name: string
  readonly usable: boolean
  readonly foreign_tables: number
}

function schemaLine(schemas: readonly string[], state: readonly SchemaState[]): string {
  if (state.length === schemas.length) return schemas.length === 1 ? 'schema there' : 'all schemas there'
  return state.length === 0 ? 'no schema made yet' : `${state.length} of ${schemas.length} schemas there`
}

function serverProblems({ encoding, read_only, database }: Facts): string[] {
  return [
    ...(encoding === 'UTF8'
      ? []
      : [
          `Database ${database} holds text as ${encoding}: make one with CREATE DATABASE … ENCODING 'UTF8' LOCALE 'C' TEMPLATE template0.`,
        ]),
    ...(read_only
      ? [
          'The server accepts no writes (a standby or read replica, or default_transaction_read_only is on): use the address of the primary server.',
        ]
      : []),
  ]
}

function schemaProblems(
  schemas: readonly string[],
  state: readonly SchemaState[],
  { database, user, may_create }: Facts,
) {
  const [db, role] = [pg.escapeIdentifier(database), pg.escapeIdentifier(user)]
  const missing = schemas.filter((schema) => !state.some(({ name }) => name === schema))
  const forbidden =
    missing.length > 0 && !may_create
      ? [
          `User ${user} may not create schemas (${missing.join(', ')}) in database ${database}: GRANT CREATE ON DATABASE ${db} TO ${role};`,
        ]
      : []
  const unusable = state.filter(({ usable }) => !usable).map(({ name }) => pg.escapeIdentifier(name))
  const locked =
    unusable.length > 0
      ? [
          `User ${user} may not make tables in schema ${unusable.join(', ')}: GRANT USAGE, CREATE ON SCHEMA ${unusable.join(', ')} TO ${role};`,
        ]
      : []
  const foreign = state.filter(({ foreign_tables }) => foreign_tables > 0)
  const owned = foreign.map(
    ({ name, foreign_tables }) =>
      `${foreign_tables} tables in schema ${name} belong to somebody else and cannot be changed: let their owner run GRANT <owner> TO ${role};, or REASSIGN OWNED BY <owner> TO ${role};`,
  )
  return [...forbidden, ...locked, ...owned]
}
