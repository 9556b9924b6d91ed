import type pg from 'pg'
import { type PostgresTls, postgresClientConfig } from '../../warehouses/postgresql/tls.js'

/** Where the control database is. */
export interface ControlConnection {
  /** A PostgreSQL URL. Secret: it may hold a password. */
  readonly url: string
  readonly tls?: PostgresTls
  /** Connections at most, besides those that hold a lease. */
  readonly poolSize?: number
}

/** Reads the files that `tls` names; throws where one cannot be read, or `tls` and the URL contradict each other. */
export async function controlClientConfig({ url, tls }: ControlConnection): Promise<pg.ClientConfig> {
  return { ...(await postgresClientConfig(url, tls)), connectionTimeoutMillis: 10_000, keepAlive: true }
}
