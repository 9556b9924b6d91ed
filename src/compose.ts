import type { App } from './app.js'
import { GoldgateApp } from './composition/app.js'
import type { Config } from './config/config.js'

/** An installation, ready for any command. Opens nothing yet; `close` it. */
export async function openApp(config: Config): Promise<App> {
  return new GoldgateApp(config)
}
