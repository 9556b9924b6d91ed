import { expect, it } from 'vitest'
import { adapterOf, adapters } from './registry.js'

it('finds an adapter by its kind and lists the kinds for any other', () => {
  expect(adapters.map(({ kind }) => kind)).toEqual(['postgres', 'duckdb'])
  expect(adapterOf('duckdb').dialect.name).toBe('duckdb')
  expect(() => adapterOf('oracle')).toThrow('There is no warehouse of kind oracle: postgres, duckdb.')
})

const problems: readonly [kind: string, options: unknown, key: string][] = [
  ['postgres', {}, 'url'],
  ['postgres', { embedded: true, url: 'postgres://x/y' }, 'url'],
  ['postgres', { url: 'mysql://x/y' }, 'url'],
  ['postgres', { url: 'postgres://x/y', database: 'z' }, 'database'],
  ['postgres', { embedded: true, poolSize: 0 }, 'poolSize'],
  ['duckdb', { memoryLimitMb: 'much' }, 'memoryLimitMb'],
  ['duckdb', { threads: 0 }, 'threads'],
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
