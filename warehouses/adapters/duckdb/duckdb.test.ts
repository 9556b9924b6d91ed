import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, readlink, rename, rm, rmdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { optional, text } from '../../../models/columns.js'
import { thing, things } from '../../conformance/things.js'
import { buildRef, Workbench } from '../../conformance/workbench.js'
import type { Warehouse } from '../../contract/warehouse.js'
import { duckdbAdapter } from './adapter.js'

let directory: string
let folder: string
let warehouse: Warehouse
const children: ChildProcess[] = []

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'goldgate duckdb '))
  folder = join(directory, `it's a warehouse`)
  warehouse = await open()
})

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await warehouse.close()
  await rm(directory, { recursive: true, force: true })
})

function open(): Promise<Warehouse> {
  const embeddedPostgres = () => Promise.reject(new Error('not embedded'))
  return duckdbAdapter.open('main', duckdbAdapter.parseOptions({}), { directory: folder, embeddedPostgres })
}

/** The warehouse belongs to the test, which closes it. */
const bench = () =>
  Workbench.open({ directory, open: async () => warehouse, openUnavailable: open, close: async () => undefined })

interface Runner {
  readonly process: ChildProcess
  readonly lines: Interface
}

/** Another process that holds the warehouse's writer; resolves once it has merged the first batch and begun a build. */
async function runner(token: bigint, batches: readonly string[]): Promise<Runner> {
  const script = fileURLToPath(new URL('../../conformance/runner.ts', import.meta.url))
  const child = spawn(process.execPath, ['--import', 'tsx', script, 'duckdb', folder, String(token), ...batches], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  children.push(child)
  const lines = createInterface({ input: child.stdout })
  expect(await once(lines, 'line')).toEqual(['ready'])
  return { process: child, lines }
}

const silverFiles = async () => (await readdir(folder)).filter((name) => name.startsWith('silver')).sort()

it('goes on with the Silver of a runner that was killed', async () => {
  const work = await bench()
  const merged = await work.batch([thing('a', { label: '1' })])
  const loaded = await work.batch([thing('a', { label: '2' })])
  const killed = await runner(1n, [merged.parquetPath, loaded.parquetPath])
  killed.process.kill('SIGKILL')
  await once(killed.process, 'exit')
  await work.write(async (writer) => {
    expect((await work.silver(writer)).map((row) => row.label)).toEqual(['1'])
    expect(await writer.ledger('shop')).toEqual({ loaded: new Set(['hash 0', 'hash 1']), merged: new Set(['hash 0']) })
    expect(await writer.merge({ ...loaded, hash: 'hash 1' })).toBe(true)
    expect(await writer.retain(new Set())).toContain('builds/run1_1.duckdb.tmp')
    expect(await readdir(join(folder, 'builds'))).toEqual([])
  }, 2n)
  expect(await silverFiles()).toEqual(['silver-1.duckdb'])
})

it('begins an empty Silver while a paused runner holds the old one, and that runner changes nothing when it wakes up', async () => {
  const work = await bench()
  const batch = await work.batch([thing('a', { label: '1' })])
  const paused = await runner(1n, [batch.parquetPath])
  paused.process.kill('SIGSTOP')
  const build = await work.write(async (writer) => {
    expect((await writer.ledger('shop')).loaded.size).toBe(0)
    await writer.load(batch)
    await writer.merge(batch)
    return work.build(writer, 'run2_2')
  }, 2n)
  paused.process.kill('SIGCONT')
  paused.process.stdin?.write('retain\n')
  expect(await once(paused.lines, 'line')).toEqual(['FENCED'])
  expect(await work.readColumn(build, 'label')).toEqual(['1'])
  paused.process.kill('SIGKILL')
  await once(paused.process, 'exit')
  await work.write(async (writer) => expect((await work.silver(writer)).length).toBe(1), 3n)
  expect(await silverFiles()).toEqual(['silver-2.duckdb'])
})

it('does not open a Silver file twice in one process, which would ruin it', async () => {
  const work = await bench()
  const first = await work.writer(1n)
  await work.fill(first, [thing('a', { label: '1' })])
  await expect(work.writer(1n)).rejects.toMatchObject({ code: 'WAREHOUSE_UNAVAILABLE' })
  const second = await work.writer(2n)
  expect(await work.silver(second)).toEqual([])
  await expect(work.silver(first)).rejects.toMatchObject({ code: 'FENCED' })
  await first.close()
  await second.close()
  expect(await silverFiles()).toEqual(['silver-2.duckdb'])
})

it('begins an empty Silver where the old file cannot be read any more', async () => {
  const work = await bench()
  await work.write((writer) => work.fill(writer, [thing('a')]), 1n)
  await writeFile(join(folder, 'silver-1.duckdb'), 'no database')
  await work.write(async (writer) => expect((await writer.ledger('shop')).loaded.size).toBe(0), 2n)
  expect(await silverFiles()).toEqual(['silver-2.duckdb'])
})

it('does not give up a Silver file that something else keeps it from opening', async () => {
  await (await bench()).writer(3n).then((writer) => writer.close())
  const [silver = ''] = await silverFiles()
  const aside = join(directory, 'aside')
  await rename(join(folder, silver), aside)
  // As root one may read everything: a folder in its place stands for a file that cannot be opened.
  await mkdir(join(folder, silver))
  await expect((await bench()).writer(4n)).rejects.toMatchObject({
    code: 'WAREHOUSE_UNAVAILABLE',
    message: expect.stringContaining('Is a directory'),
  })
  expect(await silverFiles()).toEqual([silver])
  await rmdir(join(folder, silver))
  await rename(aside, join(folder, silver))
  await (await bench()).writer(5n).then((writer) => writer.close())
  expect(await silverFiles()).toEqual([silver])
})

it('never changes the file of a finished build', async () => {
  const work = await bench()
  const build = await work.publish([thing('a', { label: '1' })])
  const file = join(folder, 'builds', 'run1_1.duckdb')
  const before = await readFile(file)
  await work.readColumn(build, 'label')
  await work.write(async (writer) => {
    await work.fill(writer, [thing('a', { label: '2' })])
    await work.build(writer, 'run2_2')
    await writer.retain(new Set(['run1_1', 'run2_2']))
  }, 2n)
  expect((await readFile(file)).equals(before)).toBe(true)
  expect((await readdir(join(folder, 'builds'))).sort()).toEqual(['run1_1.duckdb', 'run2_2.duckdb'])
})

it('shows the published build under one name to whoever opens the file', async () => {
  const work = await bench()
  await work.publish([thing('a', { label: '1' })])
  await work.write((writer) => writer.exposeViews(buildRef('run1_1'), []), 1n)
  const linked = await readFile(join(folder, 'current.duckdb'))
  expect(linked.equals(await readFile(join(folder, 'builds', 'run1_1.duckdb')))).toBe(true)
})

it('answers no more from a build whose file was deleted', async () => {
  const work = await bench()
  const build = await work.publish([thing('a')])
  await work.readColumn(build, 'label')
  await rm(join(folder, 'builds', 'run1_1.duckdb'))
  await expect
    .poll(() => work.readColumn(build, 'label').catch((error: unknown) => Object(error).code), { timeout: 5_000 })
    .toBe('WAREHOUSE_ERROR')
})

it('lets go of files that were dropped', async () => {
  const work = await bench()
  const first = await work.publish([thing('a')], 'run1_1', 1n)
  await work.readColumn(first, 'label')
  const second = await work.publish([thing('a')], 'run2_2', 2n)
  await work.write((writer) => writer.retain(new Set(['run2_2'])), 3n)
  expect(await openFiles('run1_1.duckdb')).toBe(process.platform === 'linux' ? 1 : undefined)
  await work.readColumn(second, 'label')
  await expect(work.readColumn(first, 'label')).rejects.toThrow('has no build run1_1')
  expect(await openFiles('run1_1.duckdb')).toBe(process.platform === 'linux' ? 0 : undefined)
})

/** How often this process has a file open, deleted or not; undefined where the system does not tell. */
async function openFiles(name: string): Promise<number | undefined> {
  const descriptors = await readdir('/proc/self/fd').catch(() => undefined)
  const links = descriptors?.map((each) => readlink(`/proc/self/fd/${each}`).catch(() => ''))
  return links && (await Promise.all(links)).filter((link) => link.includes(name)).length
}

it('makes a Silver table again when its declaration changed, and its ledger with it', async () => {
  const work = await bench()
  await work.write((writer) => work.fill(writer, [thing('a')]))
  const entity = { ...things, columns: [...things.columns, optional('extra', text, 'New.')] }
  const writer = await warehouse.openWriter(2n, [entity])
  expect((await writer.ledger('shop')).loaded.size).toBe(0)
  const batch = await work.batch([thing('a', { extra: 'new' })], { entity })
  await writer.load(batch)
  await writer.merge(batch)
  expect(await work.silver(writer, entity)).toMatchObject([{ thing_id: 'a', extra: 'new' }])
  await writer.close()
})
