import { readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { packageRoot } from '../../warehouses/package-root.js'
import { openTestWarehouses, TestGateway, type TestWarehouses } from '../fixtures/gateway/gateway.js'
import { chromiumPath, launchBrowser, openPage } from './browser.js'

// Where there is no Chromium: see tests/allowed-skips.json.
describe.skipIf(chromiumPath === undefined)('the page of the REST endpoints in a browser', () => {
  let warehouses: TestWarehouses
  let gateway: TestGateway
  let browser: Browser
  let address: string
  beforeAll(async () => {
    warehouses = await openTestWarehouses()
    gateway = await new TestGateway(new Map([['duckdb', warehouses.duckdb]])).start({
      operations: [join(packageRoot(), 'operations')],
      authentication: {
        verifiers: [
          {
            takes: () => true,
            verify: async (key) =>
              key === 'good' ? { name: 'a key', roles: ['unrestricted'], claims: {} } : undefined,
          },
        ],
      },
    })
    const { app } = gateway.gateway
    await app.listen({ host: '127.0.0.1', port: 0 })
    address = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await gateway?.gateway.close()
    await warehouses?.close()
  })

  const status = (page: Page, text: string | RegExp) => page.locator('#status').filter({ hasText: text }).waitFor()
  async function open(path = '/api') {
    const opened = await openPage(browser, address, path)
    await status(opened.page, /Enter an API key above to begin/)
    await opened.page.fill('#key', 'good')
    await opened.page.locator('#key').blur()
    await opened.page.locator('nav a').first().waitFor()
    return opened
  }

  test('asks for a key, keeps it when it is loaded again, and asks page after page', async () => {
    const { page, foreign } = await open('/api#/api/v1/revenue/daily')
    await page.reload()
    await page.locator('nav a').first().waitFor()
    await page.fill('[name=limit]', '10')
    await page.getByRole('button', { name: 'Run' }).click()
    await status(page, '10 rows, and more')
    const first = await page.locator('td').allTextContents()
    await page.getByRole('button', { name: 'Next page' }).click()
    await status(page, '10 rows from row 11 on, and more')
    expect(await page.locator('td').allTextContents()).not.toEqual(first)
    await page.getByRole('button', { name: 'Next page' }).click()
    await status(page, '5 rows from row 21 on ·')
    expect(await page.getByText('Next page').count()).toBe(0)
    expect(await page.textContent('#command')).toMatch(/^curl --fail --header "Authorization: Bearer \$GOLDGATE_KEY" '/)
    expect(foreign).toEqual([])
    await page.close()
  })

  test('offers the values of closed lists, and marks code in descriptions', async () => {
    const { page, failures } = await open('/api#/api/v1/inventory/risk')
    failures.length = 0
    await page.getByRole('checkbox', { name: 'low_stock' }).check()
    await page.getByRole('checkbox', { name: 'out_of_stock' }).check()
    expect(await page.locator('[name=warehouse] option').allTextContents()).toContain('duckdb')
    await page.getByRole('button', { name: 'Run' }).click()
    await status(page, '2 rows ·')
    expect(new Set(await page.locator('tbody td:nth-child(9)').allTextContents())).toEqual(
      new Set(['low_stock', 'out_of_stock']),
    )
    await page.goto(`${address}/api#/api/v1/products/top`)
    await page.locator('#summary code').filter({ hasText: 'limit' }).waitFor()
    expect(await page.locator('main').textContent()).not.toContain('`')
    expect(failures).toEqual([])
    await page.close()
  })

  test('hands out a file, and says why there is none', async () => {
    const { page } = await open('/api#/api/v1/revenue/daily')
    await page.selectOption('[name=format]', 'csv')
    await page.getByRole('button', { name: 'Run' }).click()
    const [file] = await Promise.all([page.waitForEvent('download'), page.click('text=revenue-daily.csv')])
    expect((await readFile(await file.path(), 'utf8')).trimEnd().split('\n')).toHaveLength(26)
    await page.fill('[name=build]', 'gone')
    await page.getByRole('button', { name: 'Run' }).click()
    await status(page, /^404 .* BUILD_UNKNOWN: /)
    await page.close()
  })
})
