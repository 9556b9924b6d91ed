import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

/** GOLDGATE_CHROMIUM, else where Debian puts it; undefined where there is none. */
export const chromiumPath = [process.env.GOLDGATE_CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser'].find(
  (path) => path !== undefined && existsSync(path),
)

/** A Chromium for which no host but 127.0.0.1 exists. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    ...(chromiumPath && { executablePath: chromiumPath }),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--disable-background-networking',
      '--disable-component-update',
      '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
    ],
  })
}
