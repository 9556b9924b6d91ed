import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { packageRoot } from '../../warehouses/package-root.js'
import { loadConfig } from './load-config.js'

const control = { GOLDGATE_CONTROL_URL: 'postgresql://me:secret@control/db' }
const aws = { GOLDGATE_S3_BUCKET: 'b', GOLDGATE_POSTGRES_URL: 'postgresql://me:secret@warehouse/db' }
const gcp = { GOLDGATE_GCS_BUCKET: 'b', GOLDGATE_GCP_PROJECT: 'p' }
/** What each profile cannot do without. */
const needs: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  local: {},
  aws: { ...control, ...aws },
  gcp: { ...control, ...gcp },
  multi: { ...control, ...aws, ...gcp },
}

const load = (profile: string, env: Readonly<Record<string, string>> = {}) =>
  loadConfig({ cwd: '/nowhere', env: { ...needs[profile], ...env, GOLDGATE_PROFILE: profile } })

const text = (name: string) => readFileSync(join(packageRoot(), name), 'utf8')

describe.each(Object.keys(needs))('the packaged profile %s', (profile) => {
  test('needs its own variables and no others', () => {
    for (const name of Object.keys(needs[profile] ?? {}))
      expect(() => load(profile, { [name]: '' })).toThrow(`the environment variable ${name} is empty`)
    expect(load(profile).profile).toBe(profile)
  })

  test('answers to the same names and has the same sources, limits and pipeline as the others', () => {
    const config = load(profile)
    const names = [...config.warehouses.map(({ name }) => name), ...Object.keys(config.gateway.aliases)]
    expect(names).toEqual(expect.arrayContaining(['primary', 'reporting']))
    const { sources, pipeline, parity, gateway } = load('local')
    expect(config).toMatchObject({ sources, pipeline, parity, gateway: { limits: gateway.limits } })
  })

  test('encrypts and verifies every PostgreSQL of its own, unless told not to', () => {
    const tlsOf = (env: Readonly<Record<string, string>>) => {
      const config = load(profile, env)
      const settings = config.control.embedded ? [] : [config.control.tls]
      const options = config.warehouses.map((warehouse) => warehouse.options as { url?: string; tls?: object })
      return [...settings, ...options.filter(({ url }) => url !== undefined).map(({ tls }) => tls)]
    }
    for (const tls of tlsOf({})) expect(tls).toMatchObject({ enabled: true, rejectUnauthorized: true })
    for (const tls of tlsOf({ GOLDGATE_CONTROL_TLS: 'false', GOLDGATE_POSTGRES_TLS: 'false' }))
      expect(tls).toMatchObject({ enabled: false })
  })
})

test('an emulator’s switches may be written as false', () => {
  const off = { GOLDGATE_BIGQUERY_ANONYMOUS: 'false', GOLDGATE_GCS_ANONYMOUS: 'false' }
  const { stores, warehouses } = load('gcp', off)
  expect([stores[0]?.options, warehouses[0]?.options]).toMatchObject([{ anonymous: false }, { anonymous: false }])
})

test.each(['../x', './x', '..'])('the prefix %s of a bucket is refused, and no path on this machine', (prefix) => {
  expect(() => load('aws', { GOLDGATE_S3_PREFIX: prefix })).toThrow(/stores\[0\]\.prefix: .*part that is \. or \.\./)
  expect(() => load('gcp', { GOLDGATE_GCS_PREFIX: prefix })).toThrow(/stores\[0\]\.prefix: .*part that is \. or \.\./)
})

test('the profiles hold what they are called after', () => {
  const held = Object.keys(needs).map((profile) => {
    const { stores, warehouses, defaultWarehouse, control } = load(profile)
    return [
      profile,
      stores.map(({ kind }) => kind),
      warehouses.map(({ name, kind }) => `${name}: ${kind}`),
      defaultWarehouse,
      control.embedded,
    ]
  })
  expect(held).toEqual([
    ['local', ['disk'], ['postgres: postgres', 'duckdb: duckdb'], 'postgres', true],
    ['aws', ['s3'], ['primary: postgres'], 'primary', false],
    ['gcp', ['gcs'], ['reporting: bigquery'], 'reporting', false],
    ['multi', ['s3', 'gcs'], ['primary: postgres', 'reporting: bigquery'], 'primary', false],
  ])
  expect(load('multi', { GOLDGATE_DEFAULT_WAREHOUSE: 'reporting' }).defaultWarehouse).toBe('reporting')
})

test('every variable of the packaged file is in .env.example, and no other', () => {
  const inFile = [...text('goldgate.yaml').matchAll(/\$\{(GOLDGATE_[A-Z0-9_]+)/g)].map(([, name]) => name)
  const shown = [...text('.env.example').matchAll(/^# (GOLDGATE_[A-Z0-9_]+)=/gm)].map(([, name]) => name)
  const everywhere = ['GOLDGATE_CONFIG', 'GOLDGATE_DEBUG', 'GOLDGATE_HOME', 'GOLDGATE_PROFILE']
  const used = new Set([...inFile, ...everywhere])
  // In a comment.
  expect(new Set(shown)).toEqual(used)
})
