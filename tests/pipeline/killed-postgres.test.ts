import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ControlError } from '../../pipeline/control/errors.js'
import { GoldgateApp } from '../../src/composition/goldgate-app.js'
import { loadConfig } from '../../src/config/load-config.js'
import { generateSmallDemo } from '../setup/demo.js'

let folder: string
let app: GoldgateApp

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'goldgate killed '))
  await chmod(folder, 0o711)
  const profile = {
    control: { embedded: true },
    stores: [{ name: 'disk', kind: 'disk', path: '${GOLDGATE_HOME}/store' }],
    warehouses: { postgres: { kind: 'postgres', embedded: true } },
    sources: { demo: { data: await generateSmallDemo(folder) } },
    gateway: { port: 0 },
  }
  await writeFile(join(folder, 'goldgate.yaml'), JSON.stringify({ version: 1, profile: 'p', profiles: { p: profile } }))
  const env = { GOLDGATE_CONFIG: join(folder, 'goldgate.yaml'), GOLDGATE_HOME: join(folder, 'home') }
  app = new GoldgateApp(loadConfig({ cwd: folder, env }))
}, 120_000)
afterAll(async () => {
  await app?.close()
  await rm(folder, { recursive: true, force: true })
})

test('a gateway and a pipeline whose embedded PostgreSQL is killed go on when it is back', async () => {
  await app.run({}, () => undefined)
  const ended = new AbortController()
  let serving: Promise<void> | undefined
  const url = await new Promise<string>((ready, failed) => {
    serving = app.serve((info) => ready(info.url), ended.signal)
    serving.catch(failed)
  })
  const codes = async () => {
    const body = JSON.stringify({ query: '{ dailyRevenue(first: 1) { totalCount } }' })
    const answer = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
    const { errors = [] } = (await answer.json()) as { errors?: { extensions: { code: string } }[] }
    return errors.map((error) => error.extensions.code)
  }
  try {
    expect(await codes()).toEqual([])
    const postmaster = join(folder, 'home', 'postgres', 'cluster', 'data', 'postmaster.pid')
    process.kill(Number((await readFile(postmaster, 'utf8')).split('\n')[0]), 'SIGKILL')
    const allowed = ['CONTROL_DATABASE_UNAVAILABLE', 'WAREHOUSE_UNAVAILABLE']
    for (let answered = await codes(); answered.length > 0; answered = await codes()) {
      expect(allowed).toContain(answered[0])
      await pause(1_000)
    }
    // Answers may come from the gateway's memory: the run needs the server itself.
    const refused = (error: unknown) => (isUnavailable(error) ? undefined : Promise.reject(error))
    const run = () => app.run({}, () => undefined).catch(refused)
    let summary = await run()
    for (; summary === undefined; summary = await run()) await pause(1_000)
    expect(summary.status).toBe('unchanged')
  } finally {
    ended.abort()
    await serving
  }
}, 180_000)

const isUnavailable = (error: unknown): boolean => error instanceof ControlError && error.code === 'CONTROL_UNAVAILABLE'
