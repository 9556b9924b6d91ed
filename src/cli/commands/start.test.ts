import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { emptyStatus, goodRun, published, RecordingCli } from '../../../tests/setup/recording-cli.js'
import type { App } from '../../app.js'
import type { Config } from '../../config/config.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'goldgate start '))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const data = () => join(folder, 'demo')
const config = () => ({ sources: [{ name: 'demo', data: data() }] })
const named = (cli: RecordingCli) => cli.calls.map(([name]) => name)

/** A gateway that listens at once and ends with the signal. */
const serve: App['serve'] = async (onReady, signal) => {
  onReady({ url: 'http://127.0.0.1:4321' })
  while (!signal.aborted) await turn()
}

test('makes demo data, runs the pipeline, serves, and stops everything on Ctrl-C', async () => {
  const cli = new RecordingCli(folder, config(), {
    serve: async (onReady, signal) => {
      const serving = serve(onReady, signal)
      cli.press()
      await serving
    },
  })
  expect(await cli.run('start')).toBeUndefined()
  expect(named(cli).sort()).toEqual(['close', 'generate', 'run', 'status'])
  expect(cli.calls.at(-1)).toEqual(['close'])
  expect(readdirSync(data())).toContain('sales.ndjson')
  expect(cli.err).toMatch(/open +embedded PostgreSQL/)
  expect(cli.err).toMatch(/generate +demo +[\d,]+ rows/)
  expect(cli.out).toContain('http://127.0.0.1:4321/graphql')
  expect(cli.out).toContain('http://127.0.0.1:4321/health/ready')
  expect(cli.out).toMatch(/curl -s http:\/\/127\.0\.0\.1:4321\/graphql .*dailyRevenue/)
  expect(cli.out).toMatch(/Goodbye\.\n$/)
})

test('makes no demo data where there are some, and some where making them was interrupted', async () => {
  const first = new RecordingCli(folder, config())
  await first.run('start')
  const second = new RecordingCli(folder, config())
  await second.run('start')
  expect(named(second)).not.toContain('generate')

  rmSync(join(data(), 'sales.ndjson'))
  const third = new RecordingCli(folder, config())
  await third.run('start')
  expect(named(third)).toContain('generate')
})

test('never writes into a folder with files of somebody else', async () => {
  const own = new RecordingCli(folder, { sources: [{ name: 'demo', data: folder }] })
  writeFileSync(join(folder, 'orders.csv'), 'x')
  await own.run('start')
  expect(named(own)).not.toContain('generate')
  expect(readdirSync(folder)).toEqual(['orders.csv'])
})

test('makes no demo data for other sources', async () => {
  const cli = new RecordingCli(folder, { sources: [{ name: 'other', data: data() }] })
  await cli.run('start')
  expect(named(cli)).not.toContain('generate')
})

test('goes on with what was published before when the run fails', async () => {
  const cli = new RecordingCli(folder, config(), {
    run: async () => ({
      ...goodRun,
      status: 'gated',
      warehouses: [{ warehouse: 'postgres', outcome: 'gated', rows: {}, message: 'grain' }],
    }),
    status: async () => ({ ...emptyStatus, pointers: [{ warehouse: 'postgres', build: published }] }),
  })
  expect(await cli.run('start')).toBeUndefined()
  expect(named(cli)).toContain('serve')
  expect(cli.err).toContain('Warning: BUILD_GATED: postgres: grain')
})

test('runs nothing when the port is taken', async () => {
  const other = createServer()
  other.listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  const cli = new RecordingCli(folder, { ...config(), gateway: { host: '127.0.0.1', port } as Config['gateway'] })
  expect(await cli.run('start')).toMatchObject({ code: 'EADDRINUSE' })
  expect(named(cli)).not.toContain('run')
  other.close()
})

test('serves nothing when nothing was ever published', async () => {
  const cli = new RecordingCli(folder, config(), { run: () => Promise.reject(new Error('broken')) })
  expect(await cli.run('start')).toMatchObject({ message: 'broken' })
  expect(named(cli)).not.toContain('serve')
  expect(cli.calls.at(-1)).toEqual(['close'])
})

test('does not begin to serve after Ctrl-C during the run', async () => {
  const cli = new RecordingCli(folder, config(), {
    run: async () => {
      cli.press('SIGTERM')
      return goodRun
    },
  })
  expect(await cli.run('start')).toBeInstanceOf(Error)
  expect(named(cli)).not.toContain('serve')
  expect(cli.calls.at(-1)).toEqual(['close'])
})
