import { expect, it } from 'vitest'
import { sales } from '../../models/entities/sales.js'
import type { Mapping } from '../sources/mapping.js'
import { entityHash } from './entity-hash.js'

const format = { kind: 'ndjson', gzip: false } as const
const entityMapping = {
  entity: 'sales',
  from: 'a',
  mode: 'full',
  grouped: false,
  maxRejected: 0.5,
  sqlFile: 's.sql',
  sql: 'SELECT 1',
  lookups: ['b'],
} as const
const mapping: Mapping = {
  ...{ name: 'shop', directory: '/x', currency: 'EUR', timezone: 'UTC', country: 'NO' },
  datasets: ['a', 'b', 'c'].map((name) => ({ name, files: '*', format, columns: ['x'], optional: false })),
  entities: [entityMapping],
}
const object = (key: string, sha256 = 'f00') => ({ dataset: 'a', key, sha256 })
const hash = (
  changed: {
    mapping?: Partial<Mapping>
    entityMapping?: object
    entity?: Partial<typeof sales>
    driving?: ReturnType<typeof object>[]
    lookups?: ReturnType<typeof object>[]
  } = {},
) =>
  entityHash(
    { ...mapping, ...changed.mapping },
    { ...entityMapping, ...changed.entityMapping },
    { ...sales, ...changed.entity },
    changed.driving ?? [object('k1'), object('k2')],
    changed.lookups ?? [object('l1')],
  )

it('is the same for the same input, in whatever order and wherever the mapping lies', () => {
  expect(hash()).toMatch(/^[0-9a-f]{64}$/)
  expect(hash({ driving: [object('k2'), object('k1')] })).toBe(hash())
  expect(hash({ mapping: { directory: '/elsewhere' } })).toBe(hash())
  expect(hash({ entity: { description: 'Other words.' } })).toBe(hash())
  const other = mapping.datasets.map((each) => (each.name === 'c' ? { ...each, columns: ['y'] } : each))
  expect(hash({ mapping: { datasets: other } })).toBe(hash())
})

it.each<[string, Parameters<typeof hash>[0]]>([
  ['the SELECT', { entityMapping: { sql: 'SELECT 2' } }],
  ['the filter', { entityMapping: { filter: { where: 'x = 1', because: '' } } }],
  ['the mode', { entityMapping: { mode: 'append' } }],
  ['a column', { entity: { columns: sales.columns.slice(1) } }],
  ['a check', { entity: { rowChecks: [] } }],
  ['the time zone', { mapping: { timezone: 'Europe/Oslo' } }],
  ['the currency', { mapping: { currency: 'USD' } }],
  [
    'a dialect',
    { mapping: { datasets: mapping.datasets.map((each) => ({ ...each, format: { kind: 'json', gzip: false } })) } },
  ],
  ['content of an object', { driving: [object('k1'), object('k2', 'f01')] }],
  ['one object more', { driving: [object('k1'), object('k2'), object('k3')] }],
  ['content of a lookup', { lookups: [object('l1', 'f01')] }],
  ['which objects are lookups', { driving: [object('k1'), object('l1')], lookups: [object('k2')] }],
])('changes with %s', (_what, changed) => {
  expect(hash(changed)).not.toBe(hash())
})
