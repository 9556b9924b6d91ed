import { existsSync } from 'node:fs'
import { type Browser, chromium, type Page } from 'playwright-core'

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

/** A page, what it fetched from elsewhere, and what failed in it. */
export async function openPage(browser: Browser, address: string, path: string) {
  const page: Page = await browser.newPage()
  const [foreign, failures]: [string[], string[]] = [[], []]
  page.on('request', (request) => {
    if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(address)) foreign.push(request.url())
  })
  page.on('pageerror', (error) => failures.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') failures.push(message.text())
  })
  await page.goto(`${address}${path}`)
  return { page, foreign, failures }
}
