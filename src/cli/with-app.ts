import pTimeout from 'p-timeout'
import type { App } from '../app.js'
import type { Cli } from './cli.js'
import { errorText } from './errors.js'

/**
 * Opens the installation for one command and closes it whatever happens, so that an embedded PostgreSQL is not left running. With `patienceMs`, what cannot
 * be closed in that time is left to the end of the process.
 */
export async function withApp<T>(cli: Cli, work: (app: App) => Promise<T>, patienceMs?: number): Promise<T> {
  const app = await cli.openApp(await cli.loadConfig())
  const close = () =>
    patienceMs === undefined ? app.close() : pTimeout(app.close(), { milliseconds: patienceMs, message: false })
  let result: T
  try {
    result = await work(app)
  } catch (error) {
    // What failed first is what the user has to know; often the rest follows from it.
    await close().catch((closing: unknown) => cli.stderr.write(`goldgate: also: ${errorText(closing)}\n`))
    throw error
  }
  await close()
  return result
}
