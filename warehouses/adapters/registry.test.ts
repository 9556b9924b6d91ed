import { expect, it } from 'vitest'
import { adapterOf, adapters } from './registry.js'

it('finds an adapter by its kind and lists the kinds for any other', () => {
  const kinds = adapters.map(({ kind }) => kind)
  expect(kinds).toEqual(expect.arrayContaining(['postgres', 'duckdb']))
  for (const kind of kinds) expect(adapterOf(kind).kind).toBe(kind)
  expect(new Set(kinds).size).toBe(kinds.length)
  expect(() => adapterOf('oracle')).toThrow(`There is no warehouse of kind oracle: ${kinds.join(', ')}.`)
})

const problems: readonly [kind: string, options: unknown, key: string][] = [
  ['postgres', {}, 'url'],
  ['postgres', { embedded: true, url: 'postgres://x/y' }, 'url'],
  ['postgres', { url: 'mysql://x/y' }, 'url'],
  ['postgres', { url: 'postgres://x/y', database: 'z' }, 'database'],
  ['postgres', { url: 'postgres://u:pw@h:99999/x' }, 'url'],
  ['postgres', { url: 'postgres://u:p#w@h/x' }, 'url'],
  ['postgres', { url: 'postgres://u:1#w@h/x' }, 'url'],
  ['postgres', { url: 'postgres://u:1?w@h/x' }, 'url'],
  ['postgres', { url: 'postgres://u:/w@h/x' }, 'url'],
  ['postgres', { url: 'postgres://u:p@w/w@h/x' }, 'url'],
  ['postgres', { embedded: true, poolSize: 0 }, 'poolSize'],
  ['duckdb', { memoryLimitMb: 'much' }, 'memoryLimitMb'],
  ['duckdb', { threads: 0 }, 'threads'],
  ['bigquery', { project: 'p', dataset: 'd', apiEndpoint: 'http://u:hunter2@127.0.0.1:1' }, 'apiEndpoint'],
  ['bigquery', { project: 'p', dataset: 'd', apiEndpoint: 'http://u:/hunter2@127.0.0.1' }, 'apiEndpoint'],
  ['bigquery', { project: 'p', dataset: 'd', apiEndpoint: '127.0.0.1:9050' }, 'apiEndpoint'],
  ['bigquery', { project: 'p', dataset: 'd', stagingApiEndpoint: 'http://:hunter2@h' }, 'stagingApiEndpoint'],
]

it.each(problems)('options of %s that are wrong (%j) are refused with their key %s', (kind, options, key) => {
  let message = ''
  try {
    adapterOf(kind).parseOptions(options)
  } catch (error) {
    message = String(error)
  }
  expect(message).toContain(`"${key}"`)
})

it.each(['postgres', 'duckdb'])('options of %s that nobody knows are refused by name', (kind) => {
  expect(() => adapterOf(kind).parseOptions({ embeded: true })).toThrow(/embeded/)
  expect(adapterOf(kind).optionsJsonSchema()).toMatchObject({ type: 'object', additionalProperties: false })
})

it.each([
  'postgres://h',
  'postgresql://u:p%40%2F@h:1/x?user=a@b',
  'postgres:///x?host=/tmp',
  'postgres://u@/x?host=/tmp',
  'postgres://%2Ftmp/x',
  'postgres://u:p@[::1]:5432/x',
])('the URL %s is one that the driver understands', (url) => {
  expect(adapterOf('postgres').parseOptions({ url })).toMatchObject({ url })
})
