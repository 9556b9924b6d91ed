import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cleanEnvironment, run } from '../extension/processes.js'
import { BrokenLine } from './broken-line.js'
import { type KeyedGateway, startKeyedGateway } from './keyed-gateway.js'
import { type Page, quickstarts, readPage } from './page.js'
import { installTools, type Tools } from './tools.js'

let tools: Tools
let gateway: KeyedGateway
let line: BrokenLine
beforeAll(async () => {
  ;[tools, gateway] = await Promise.all([installTools(), startKeyedGateway()])
  line = await BrokenLine.open(gateway.url)
}, 600_000)
afterAll(async () => {
  line?.close()
  await gateway?.close()
})

/** Follows a page in a folder of its own; `each` is told how every command ended. */
async function follow(page: Page, url: string, each: (command: Page['commands'][number], ended: Ended) => void) {
  const home = await mkdtemp(join(tmpdir(), 'goldgate reader '))
  const folder = join(home, 'project')
  await mkdir(folder)
  await symlink(tools.nodeModules, join(folder, 'node_modules'), 'dir')
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
  await mkdir(join(home, tools.httpfs.folder), { recursive: true })
  await symlink(tools.httpfs.file, join(home, tools.httpfs.folder, 'httpfs.duckdb_extension'))
  for (const { name, text } of page.files) await writeFile(join(folder, name), text)
  const path = [tools.programs, process.env.PATH].join(delimiter)
  const env = cleanEnvironment({ HOME: home, PATH: path, GOLDGATE_URL: url, GOLDGATE_KEY: gateway.key })
  try {
    for (const command of page.commands) each(command, await run('bash', ['-e', '-c', command.text], folder, env))
  } finally {
    await rm(home, { recursive: true })
  }
}
type Ended = Awaited<ReturnType<typeof run>>

const jq = spawnSync('jq', ['--version']).status === 0

describe.each(['curl.md', 'duckdb.md', 'pandas.md', 'apollo-client.md'])('docs/quickstarts/%s', (name) => {
  // Where there is no jq: see tests/allowed-skips.json.
  test.skipIf(name === 'curl.md' && !jq)('can be followed as it is written, and prints what it shows', async () => {
    const page = await readPage(name)
    expect(page.commands.length).toBeGreaterThan(1)
    await follow(page, gateway.url, ({ text, prints }, { code, stdout, output }) => {
      expect([code, text, output]).toEqual([0, text, output])
      if (prints !== undefined) expect(printed(stdout)).toBe(printed(prints))
    })
  })
})

test.each([
  ['curl.md', 3],
  ['duckdb.md', 3],
  ['pandas.md', 2],
])('docs/quickstarts/%s: a stream that breaks off is an error in each example', async (name, streams) => {
  let before = line.broken
  let noticed = 0
  await follow(await readPage(name), line.url, ({ text }, { code, output }) => {
    if (line.broken === before) return
    before = line.broken
    noticed += 1
    expect([code === 0, text, output]).toEqual([false, text, expect.stringMatching(brokenOff)])
  })
  expect(noticed).toBe(streams)
})

test('the versions that the pages name are those that they are tested with', async () => {
  const pinned = await Promise.all(
    ['requirements.txt', 'package.json'].map((file) => readFile(join(import.meta.dirname, file), 'utf8')),
  )
  const versions = new Map(
    [...pinned.join('').matchAll(/^\s*"?([@\w/-]+)(?:==|": ")(\d[^"\s]*)/gm)].map(([, name, version]) => [
      name,
      version,
    ]),
  )
  const pages = await Promise.all(['duckdb.md', 'pandas.md', 'apollo-client.md'].map(readPage))
  const named = pages.flatMap(({ once }) => [...once.matchAll(/(\S+?)(?:==|(?<=\w)@)(\d\S*)/g)])
  expect(named.length).toBeGreaterThan(8)
  for (const [, name, version] of named) expect([name, version]).toEqual([name, versions.get(name)])
})

test('the addresses of docs/quickstarts/bi-tools.md are answered, and have the columns that it names', async () => {
  const page = (await readFile(join(quickstarts, 'bi-tools.md'), 'utf8')).replaceAll(
    /\$\{__\w+:date:[\w-]+\}/g,
    '2025-12-31',
  )
  const addresses = [...page.matchAll(/https:\/\/gateway\.example\.com(\/[\w./?=&-]+)/g)].map(([, path = '']) => path)
  const [, query = ''] = /RelativePath = "([^"]+)"/.exec(page) ?? []
  const columns = [...page.matchAll(/\{"(\w+)", (?:type \w+|\w+\.Type)\}/g)].map(([, column]) => column)
  expect([addresses.length, columns.length]).toEqual([6, 4])
  const ask = (path: string) =>
    fetch(`${gateway.url}${path}`, { headers: { authorization: `Basic ${btoa(`anyone:${gateway.key}`)}` } })
  for (const path of addresses) expect([path, (await ask(path)).status]).toEqual([path, 200])
  const [head = ''] = (await (await ask(`/${query}?limit=1`)).text()).split('\n')
  expect(head.split(',')).toEqual(expect.arrayContaining(columns))
})

/** As curl, DuckDB and Python say it. */
const brokenOff = /transfer closed with outstanding read data|Transferred a partial file|IncompleteRead/

/** Ends of lines are nobody's concern. */
const printed = (text: string): string => text.replaceAll(/[^\S\n]+$/gm, '').trim()
