import { setTimeout as pause } from 'node:timers/promises'
import type { App } from '../app.js'
import type { Cli } from './cli.js'

/**
 * Opens the installation for one command and closes it whatever happens, so that an embedded PostgreSQL is not left running. With `patienceMs`, what cannot
 * be closed in that time is left to the end of the process.
 */
export async function withApp<T>(cli: Cli, work: (app: App) => Promise<T>, patienceMs?: number): Promise<T> {
  const app = await cli.openApp(await cli.loadConfig())
  try {
    return await work(app)
  } finally {
    if (patienceMs === undefined) await app.close()
    else await inTime(app.close(), patienceMs)
  }
}

async function inTime(work: Promise<void>, milliseconds: number): Promise<void> {
  const done = new AbortController()
  const late = pause(milliseconds, undefined, { signal: done.signal }).catch(() => undefined)
  await Promise.race([work, late]).finally(() => done.abort())
}
