import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createGateway, type MountedGateway } from '../../src/index.js'
import { DemoFolder } from './demo-folder.js'

let demo: DemoFolder
let gateway: MountedGateway
let server: Server
let address: string
beforeAll(async () => {
  demo = await DemoFolder.create()
  await demo.run()
  gateway = await createGateway(demo.installation.config)
  // As Express mounts what it is given below a path.
  server = createServer((request, response) => {
    if (!request.url?.startsWith('/analytics/')) return void response.writeHead(200).end('the application')
    request.url = request.url.slice('/analytics'.length)
    gateway.handler(request, response)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  await gateway?.close()
  server?.closeAllConnections()
  await new Promise((closed) => server?.close(closed))
  await demo?.installation.remove()
})

test('an application answers questions and operations, and shows the playground, below a path of its own', async () => {
  const answer = await fetch(`${address}/analytics/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ dailyRevenue(first: 1) { nodes { revenueDate } } }' }),
  })
  expect(await answer.json()).toMatchObject({
    data: { dailyRevenue: { nodes: [{ revenueDate: expect.stringMatching(/^\d{4}-/) }] } },
  })
  const table = await fetch(`${address}/analytics/api/v1/revenue/daily.csv?limit=1`)
  expect((await table.text()).trimEnd().split('\n')).toHaveLength(2)
  const page = await (await fetch(`${address}/analytics/playground`)).text()
  const [, script = ''] = /src="([^"]+)"/.exec(page) ?? []
  expect((await fetch(new URL(script, `${address}/analytics/playground`))).status).toBe(200)
})

test('what is the application’s own stays so, also when the gateway has closed', async () => {
  const own = async () => (await fetch(`${address}/elsewhere`)).text()
  expect(await own()).toBe('the application')
  await gateway.close()
  expect(await own()).toBe('the application')
})
