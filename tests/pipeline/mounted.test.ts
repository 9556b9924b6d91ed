import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { createGateway, type MountedGateway } from '../../src/index.js'
import { DemoFolder } from './demo-folder.js'

const linksOf = z.object({ links: z.record(z.string(), z.string()) })
const serversOf = z.object({ servers: z.array(z.object({ url: z.string() })) })
const tableOf = z.object({ after: z.string(), next: z.string() })

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
    const [, rest] = /^\/analytics(?=[/?]|$)(.*)$/.exec(request.url ?? '') ?? []
    if (rest === undefined) return void response.writeHead(200).end('the application')
    const mounted = Object.assign(request, { originalUrl: request.url, url: rest.startsWith('/') ? rest : `/${rest}` })
    gateway.handler(mounted, response)
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

test('every link leads to below that path', async () => {
  const home = `${address}/analytics/`
  const told = linksOf.parse(await (await fetch(home)).json()).links
  const { graphql, export: posted, ...read } = told
  for (const link of Object.values(read)) expect([link, (await fetch(new URL(link, home))).status]).toEqual([link, 200])
  expect(new URL(posted ?? '', home).href).toBe(`${home}export`)
  const sent = await fetch(home, { headers: { accept: 'text/html' }, redirect: 'manual' })
  expect(new URL(sent.headers.get('location') ?? '', home).href).toBe(new URL(graphql ?? '', home).href)
  expect(new URL(graphql ?? '', home).href).toBe(`${home}graphql`)
  const page = await fetch(`${home}api`)
  const files = [...(await page.text()).matchAll(/(?:src|href)="([^":]+)"/g)].map(([, file = '']) => file)
  expect(files).toContain('api/api.js')
  for (const file of files) expect([file, (await fetch(new URL(file, page.url))).status]).toEqual([file, 200])
  const { servers } = serversOf.parse(await (await fetch(`${home}openapi.json`)).json())
  expect(servers.map(({ url }) => new URL(url, `${home}openapi.json`).href)).toEqual([home])
  const first = await fetch(`${home}api/v1/revenue/daily?limit=1`)
  const { after, next } = tableOf.parse(await first.json())
  const second = await fetch(new URL(next, first.url))
  expect([after, second.status]).toEqual([expect.any(String), 200])
  expect(tableOf.parse(await second.json()).after).not.toBe(after)
})

test('the path without a slash at its end leads to the one with it', async () => {
  for (const [asked, given] of [
    ['/analytics', '/analytics/'],
    ['/analytics?x=1', '/analytics/?x=1'],
  ]) {
    const sent = await fetch(`${address}${asked}`, { redirect: 'manual' })
    const { href } = new URL(sent.headers.get('location') ?? '', `${address}${asked}`)
    expect([sent.status, href]).toEqual([308, `${address}${given}`])
  }
})

test('what is the application’s own stays so, also when the gateway has closed', async () => {
  const own = async () => (await fetch(`${address}/elsewhere`)).text()
  expect(await own()).toBe('the application')
  await gateway.close()
  expect(await own()).toBe('the application')
})
