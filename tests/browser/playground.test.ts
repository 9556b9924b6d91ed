import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { packageRoot } from '../../warehouses/package-root.js'
import { openTestWarehouses, TestGateway, type TestWarehouses } from '../fixtures/gateway/gateway.js'
import { chromiumPath, launchBrowser, openPage } from './browser.js'

// Where there is no Chromium: see tests/allowed-skips.json.
describe.skipIf(chromiumPath === undefined)('the playground in a browser without any other host', () => {
  let warehouses: TestWarehouses
  let gateway: TestGateway
  let browser: Browser
  let address: string
  beforeAll(async () => {
    warehouses = await openTestWarehouses()
    gateway = await new TestGateway(warehouses.both).start({ operations: [join(packageRoot(), 'operations')] })
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

  const open = (path: string) => openPage(browser, address, path)

  async function answerOf(page: Page): Promise<string> {
    const answered = page.waitForResponse(
      (response) => response.url().endsWith('/graphql') && !response.request().postData()?.includes('__schema'),
    )
    await page.getByRole('button', { name: /execute/i }).click()
    return (await answered).text()
  }

  test('asks an example of the warehouse that is chosen, and fetches nothing from elsewhere', async () => {
    const { page, foreign, failures } = await open('/playground?example=revenue%2Fdaily')
    await page.locator('#root').getByText('dailyRevenue').first().waitFor()
    expect(JSON.parse(await answerOf(page))).toMatchObject({
      data: {
        dailyRevenue: { nodes: expect.arrayContaining([expect.objectContaining({ source: expect.any(String) })]) },
      },
      extensions: { goldgate: { builds: [{ warehouse: 'duckdb' }] } },
    })
    await page.selectOption('#warehouse', 'postgres')
    expect(JSON.parse(await answerOf(page))).toMatchObject({
      extensions: { goldgate: { builds: [{ warehouse: 'postgres' }] } },
    })
    expect(await page.textContent('#role')).toBe('anonymous · role unrestricted')
    expect(foreign).toEqual([])
    expect(failures).toEqual([])
    await page.close()
  })

  test('offers the stored operations as examples', async () => {
    const { page } = await open('/playground')
    await page.locator('#example option').nth(5).waitFor({ state: 'attached' })
    const offered = await page.locator('#example option').allTextContents()
    expect(offered).toEqual(expect.arrayContaining(['revenue/daily', 'inventory/risk']))
    await page.close()
  })
})
