import { expect, it } from 'vitest'
import { entities } from '../../models/entities/index.js'
import { goldModels } from '../../models/gold/index.js'
import { adapterOf } from '../../warehouses/adapters/registry.js'
import { buildFingerprints } from './fingerprint.js'

const check = { name: 'sane', condition: '1 = 1', severity: 'error', description: 'Sanity.' } as const
const withCheck = <T extends { readonly rowChecks: readonly object[] }>(each: T): T => ({ ...each, rowChecks: [check] })
const described = <T extends { readonly description: string }>(each: T): T => ({ ...each, description: 'Better said.' })

const warehouse = { dialect: adapterOf('duckdb').dialect }
const fingerprints = (change: Partial<{ entities: typeof entities; models: typeof goldModels }> = {}) =>
  buildFingerprints({ entities, models: goldModels, ...change }, warehouse, [], [])

it('a build stands by its checks: with another one it is another build, in every warehouse', () => {
  const before = fingerprints()
  for (const changed of [
    fingerprints({ models: goldModels.map(withCheck) }),
    fingerprints({ entities: entities.map(withCheck) }),
  ]) {
    expect(changed.input).not.toBe(before.input)
    expect(changed.here).not.toBe(before.here)
  }
})

it('what is only for people makes no new build', () => {
  expect(fingerprints({ models: goldModels.map(described), entities: entities.map(described) })).toEqual(fingerprints())
})
