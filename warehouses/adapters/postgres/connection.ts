import pg from 'pg'
import { postgresClientConfig } from '../../postgresql/tls.js'
import type { PostgresOptions } from './options.js'
import { asText } from './values.js'

/** How long connecting, or waiting for a free connection, may take. */
const connectTimeoutMs = 10_000

export async function clientConfig(url: string, options: PostgresOptions): Promise<pg.ClientConfig> {
  return {
    ...(await postgresClientConfig(url, options.tls)),
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
    types: asText,
  }
}

/** What makes the text of values the same in every session. */
const canonicalText = `SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; SET client_min_messages = 'warning'`

/** A connection of its own. An error while it is idle (the server stopped) shows at the next statement and crashes nothing. */
export async function connect(config: pg.ClientConfig, settings = ''): Promise<pg.Client> {
  const client = new pg.Client(config)
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.query(`${canonicalText}${settings}`)
    return client
  } catch (error) {
    await client.end().catch(() => undefined)
    throw error
  }
}

/** Connections that can only read. Opens none before it is asked. */
export function readerPool(config: pg.ClientConfig, options: PostgresOptions): pg.Pool {
  const pool = new pg.Pool({
    ...config,
    application_name: 'goldgate reader',
    max: options.poolSize,
    idleTimeoutMillis: 60_000,
    allowExitOnIdle: true,
    onConnect: async (client) => {
      client.on('error', () => undefined)
      await client.query(`${canonicalText}; SET default_transaction_read_only = on`)
    },
  })
  pool.on('error', () => undefined)
  return pool
}

/** The server's process for this connection. */
export function backendOf(client: pg.ClientBase): number | undefined {
  const id: unknown = 'processID' in client ? client.processID : undefined
  return typeof id === 'number' ? id : undefined
}
