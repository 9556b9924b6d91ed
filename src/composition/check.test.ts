import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../tests/setup/database.js'
import { packageRoot } from '../../warehouses/package-root.js'
import { loadConfig } from '../config/load-config.js'
import { GoldgateApp } from './goldgate-app.js'

let folder: string
let database: TestDatabase
/** Takes connections and says nothing. */
let silent: Server

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'goldgate check '))
  database = await createTestDatabase()
  silent = createServer(() => undefined).listen(0, '127.0.0.1')
  await once(silent, 'listening')
})
afterEach(async () => {
  silent.close()
  await database.drop()
  await rm(folder, { recursive: true, force: true })
})

const env = () => ({
  GOLDGATE_HOME: join(folder, 'home'),
  DB: database.url,
  // A port where nothing listens.
  WRONG: 'postgresql://me:hunter2@127.0.0.1:1/db',
  SILENT: `postgresql://me:hunter2@127.0.0.1:${(silent.address() as AddressInfo).port}/db`,
})

async function configure(settings: {
  readonly control?: object
  readonly warehouses?: object
  readonly gateway?: object
}): Promise<void> {
  const profile = {
    control: settings.control ?? { url: '${DB}' },
    stores: [{ name: 'disk', kind: 'disk', path: './store' }],
    warehouses: settings.warehouses ?? { main: { kind: 'postgres', url: '${DB}' }, small: { kind: 'duckdb' } },
    gateway: settings.gateway ?? {},
  }
  await writeFile(
    join(folder, 'goldgate.yaml'),
    JSON.stringify({ version: 1, profile: 'test', profiles: { test: profile } }),
  )
}

async function use<T>(work: (app: GoldgateApp) => Promise<T>): Promise<T> {
  const app = new GoldgateApp(loadConfig({ cwd: folder, env: env() }))
  try {
    return await work(app)
  } finally {
    await app.close()
  }
}

test('a check of what works finds each part and no problem, before anything is set up and after', async () => {
  await configure({})
  const names = ['control', 'disk', 'main', 'small', 'operations']
  for (const turn of ['before', 'after']) {
    const report = await use((app) => app.check(30))
    expect(report, turn).toMatchObject({ ok: true, profile: 'test' })
    expect(report.parts.map(({ name }) => name)).toEqual(names)
    for (const { found, problems } of report.parts) expect([found === '', problems]).toEqual([false, []])
    await use((app) => app.setup(60))
  }
})

test('setup makes everything once', async () => {
  await configure({})
  const [first, second] = [await use((app) => app.setup(60)), await use((app) => app.setup(60))]
  expect(first).toMatchObject({ ok: true })
  expect(first.parts.find(({ name }) => name === 'control')?.made).toEqual(['Created the schema goldgate_control.'])
  expect(second.parts.map(({ made }) => made)).toEqual([[], [], [], []])
  expect(await use((app) => app.status())).toMatchObject({ runs: [] })
})

test('one part that does not work says so, and the others are looked at all the same', async () => {
  await configure({
    control: { url: '${DB}', tls: { ca: './absent.pem' } },
    warehouses: { main: { kind: 'postgres', url: '${SILENT}' }, small: { kind: 'duckdb' } },
  })
  const report = await use((app) => app.check(2))
  expect(report.ok).toBe(false)
  const problems = Object.fromEntries(report.parts.map(({ name, problems }) => [name, problems.join()]))
  expect(problems).toEqual({
    control: expect.stringContaining('absent.pem'),
    disk: '',
    main: expect.stringContaining('No answer within 2 s'),
    small: '',
    operations: '',
  })
  expect(JSON.stringify(report)).not.toContain('hunter2')
})

test('stored operations are loaded: a file with a mistake and a folder that is not there are problems', async () => {
  const reportOf = async (...operations: string[]) => {
    await configure({ gateway: { operations } })
    const report = await use((app) => app.check(30))
    return { ok: report.ok, ...report.parts.find(({ part }) => part === 'operations') }
  }
  const file = join(folder, 'own', 'shops.graphql')
  await mkdir(join(folder, 'own'))
  const query = (field: string) => `# path: own/shops\n# Shops.\nquery Shops { dailyRevenue { nodes { ${field} } } }\n`
  await writeFile(file, query('source'))
  expect(await reportOf('./own')).toMatchObject({
    ok: true,
    problems: [],
    found: expect.stringMatching(/^\d+ of .*own$/),
  })
  await writeFile(file, query('sauce'))
  const advice = '.* Correct it, or "gateway\\.operations" in goldgate\\.yaml'
  expect(await reportOf('./own')).toMatchObject({
    ok: false,
    problems: [expect.stringMatching(new RegExp(`shops\\.graphql:3: .*sauce${advice}`))],
  })
  expect(await reportOf('./absent')).toMatchObject({
    ok: false,
    problems: [expect.stringMatching(new RegExp(`there is no folder .*absent${advice}`))],
  })
})

test('check and setup say the same of a refusal, and name the variable that it comes from', async () => {
  await configure({
    control: { url: '${WRONG}' },
    warehouses: { main: { kind: 'postgres', url: '${WRONG}' }, small: { kind: 'duckdb' } },
  })
  const [checked, made] = [await use((app) => app.check(20)), await use((app) => app.setup(20))]
  for (const name of ['control', 'main']) {
    const advice = expect.stringMatching(/See that the server runs and .* in the url are right\. .* url is WRONG\.$/)
    expect(checked.parts.find((part) => part.name === name)?.problems).toEqual([advice])
    expect(made.parts.find((part) => part.name === name)?.problem).toEqual(advice)
  }
})

test('the command ends by itself where nothing ever answers', async () => {
  await configure({ control: { url: '${SILENT}' }, warehouses: { main: { kind: 'postgres', url: '${SILENT}' } } })
  const command = spawn(
    process.execPath,
    [join(packageRoot(), 'bin', 'goldgate.js'), 'config', 'check', '--timeout', '1', '--json'],
    { cwd: folder, env: { ...process.env, ...env() } },
  )
  const [out, errors, [code]] = await Promise.all([text(command.stdout), text(command.stderr), once(command, 'close')])
  expect([code, errors]).toEqual([1, expect.stringContaining('CHECK_FAILED')])
  expect(JSON.parse(out)).toMatchObject({ ok: false })
})
