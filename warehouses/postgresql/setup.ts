import pg from 'pg'

/** Making a database copies a template. */
const patienceMs = 60_000
/** Postgres has this one always; where it was taken away, the database must be made by hand. */
const maintenanceDatabase = 'postgres'

/** Makes the database and the schemas where they are missing. Says what it made, one sentence each; throws what the server refuses. */
export async function setupPostgres(config: pg.ClientConfig, schemas: readonly string[]): Promise<readonly string[]> {
  const made: string[] = []
  const settings = {
    ...config,
    types: undefined,
    connectionTimeoutMillis: patienceMs,
    query_timeout: patienceMs,
    application_name: 'goldgate setup',
  }
  const client = await connect(settings).catch(async (error: unknown) => {
    if (!(isCode(error, '3D000') && config.connectionString !== undefined)) throw error
    made.push(...(await createDatabase(settings, config.connectionString)))
    return connect(settings)
  })
  try {
    const { rows } = await client.query<{ name: string }>(
      'SELECT nspname AS name FROM pg_namespace WHERE nspname = ANY ($1)',
      [schemas],
    )
    const missing = schemas.filter((schema) => !rows.some(({ name }) => name === schema))
    const created: string[] = []
    for (const schema of missing)
      if (await isMade(client, `CREATE SCHEMA ${pg.escapeIdentifier(schema)}`)) created.push(schema)
    if (created.length > 0)
      made.push(`Created the ${created.length === 1 ? 'schema' : 'schemas'} ${created.join(', ')}.`)
    return made
  } finally {
    await client.end().catch(() => undefined)
  }
}

async function createDatabase(settings: pg.ClientConfig, url: string): Promise<string[]> {
  const elsewhere = new URL(url)
  const name = decodeURIComponent(elsewhere.pathname.slice(1))
  elsewhere.pathname = `/${maintenanceDatabase}`
  const client = await connect({ ...settings, connectionString: elsewhere.href })
  try {
    // Text compares by code point then, whatever the server's locale is.
    const statement = `CREATE DATABASE ${pg.escapeIdentifier(name)} ENCODING 'UTF8' LOCALE 'C' TEMPLATE template0`
    return (await isMade(client, statement)) ? [`Created the database ${name}.`] : []
  } finally {
    await client.end().catch(() => undefined)
  }
}

/**
 * False where somebody else made it meanwhile. Of two at the same moment the later one waits for the earlier and then hears of a catalog's
 * unique index (23505), also with IF NOT EXISTS.
 */
async function isMade(client: pg.Client, statement: string): Promise<boolean> {
  try {
    await client.query(statement)
    return true
  } catch (error) {
    if (['23505', '42P04', '42P06'].some((code) => isCode(error, code))) return false
    throw error
  }
}

async function connect(config: pg.ClientConfig): Promise<pg.Client> {
  const client = new pg.Client(config)
  client.on('error', () => undefined)
  try {
    await client.connect()
    return client
  } catch (error) {
    await client.end().catch(() => undefined)
    throw error
  }
}

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code
