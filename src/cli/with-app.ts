import type { App } from '../app.js'
import type { Cli } from './cli.js'

/** Opens the installation for one command and closes it whatever happens, so that an embedded PostgreSQL is not left running. */
export async function withApp<T>(cli: Cli, work: (app: App) => Promise<T>): Promise<T> {
  const app = await cli.openApp(await cli.loadConfig())
  try {
    return await work(app)
  } finally {
    await app.close()
  }
}
