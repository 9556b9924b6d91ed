import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { packageRoot } from '../../warehouses/package-root.js'
import { describeConfig } from './describe.js'
import { jsonSchemaFiles } from './json-schema-files.js'
import { loadConfig } from './load-config.js'
import { literalSecret } from './secrets.js'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'goldgate packaged '))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('a folder without goldgate.yaml gets the packaged one, with its state in the folder', () => {
  const config = loadConfig({ cwd: folder, env: {} })
  expect(config.file).toBe(join(packageRoot(), 'goldgate.yaml'))
  expect(config.control).toEqual({ embedded: true, poolSize: 8 })
  expect(config.warehouses.map(({ name, kind }) => [name, kind])).toEqual([
    ['postgres', 'postgres'],
    ['duckdb', 'duckdb'],
  ])
  expect(config.defaultWarehouse).toBe('postgres')
  expect(config.sources).toEqual([{ name: 'demo', data: join(folder, '.goldgate', 'demo') }])
  expect(JSON.stringify(describeConfig(config).stores)).toContain(join(folder, '.goldgate', 'store'))
})

test('the packaged file states the defaults that hold without it', () => {
  const least = `
version: 1
profiles:
  local:
    control: { embedded: true }
    stores: [{ name: local, kind: disk, path: ./store }]
    warehouses: { postgres: { kind: postgres, embedded: true } }`
  writeFileSync(join(folder, 'least.yaml'), least)
  const { gateway, pipeline, log, defaultWarehouse } = loadConfig({
    cwd: folder,
    env: { GOLDGATE_CONFIG: 'least.yaml' },
  })
  expect(loadConfig({ cwd: folder, env: {} })).toMatchObject({ gateway, pipeline, log, defaultWarehouse })
})

test('an editor accepts the packaged file and sees a mistake in it', () => {
  const [file] = jsonSchemaFiles()
  const schema = z.fromJSONSchema(JSON.parse(file?.text ?? '{}'))
  const text = readFileSync(join(packageRoot(), 'goldgate.yaml'), 'utf8')
  expect(schema.safeParse(parse(text))).toMatchObject({ success: true })
  expect(schema.safeParse(parse(text.replace('port: 4000', 'port: ${PORT:-4000}')))).toMatchObject({ success: true })
  expect(schema.safeParse(parse(text.replace('port: 4000', 'port: many')))).toMatchObject({ success: false })
  expect(schema.safeParse(parse(text.replace('kind: disk', 'kind: disc')))).toMatchObject({ success: false })
  expect(schema.safeParse(parse(text.replace('host: ', 'hots: ')))).toMatchObject({ success: false })
})

test('the JSON Schemas for editors are fresh', () => {
  for (const { path, text } of jsonSchemaFiles()) {
    expect(readFileSync(join(packageRoot(), path), 'utf8'), 'Run "npx tsx scripts/write-schemas.ts"').toBe(text)
  }
})

test('the packaged file names its schema, and no secret is in it', () => {
  const text = readFileSync(join(packageRoot(), 'goldgate.yaml'), 'utf8')
  expect(text).toMatch(/^# yaml-language-server: \$schema=\.\/sql\/schemas\/goldgate\.schema\.json\n/)
  const secretsIn = (value: unknown, key = ''): string[] => {
    if (typeof value === 'string') return literalSecret(key, value) ? [key] : []
    return Object.entries(value ?? {}).flatMap(([name, inner]) => secretsIn(inner, name))
  }
  expect(secretsIn(parse(text))).toEqual([])
  const leaking = text.replace('${GOLDGATE_POSTGRES_URL}', 'postgresql://me:hunter2@db/retail')
  // In two profiles, neither of which is in use.
  expect(secretsIn(parse(leaking))).toEqual(['url', 'url'])
  // Nor in a comment.
  expect(text).not.toMatch(/:\/\/\S*@/)
})

test('the packaged file shows keys and roles that hold where the marks of a comment are taken out', () => {
  const text = readFileSync(join(packageRoot(), 'goldgate.yaml'), 'utf8')
  const shown = /^( +)# (authentication|roles):\n(?:\1# {3}.*\n)+/gm
  const opened = text.replace(shown, (block) => block.replace(/^( +)# /gm, '$1'))
  writeFileSync(join(folder, 'opened.yaml'), opened)
  const { gateway, roles } = loadConfig({ cwd: folder, env: { GOLDGATE_CONFIG: 'opened.yaml' } })
  expect([gateway.authentication.keys, roles.map(({ name }) => name)]).toEqual([true, ['analyst']])
})

test('docs/configuration.md states the same defaults', () => {
  const text = readFileSync(join(packageRoot(), 'docs', 'configuration.md'), 'utf8')
  const { gateway, pipeline, parity, log } = loadConfig({ cwd: folder, env: {} })
  const { limits, cache, ...face } = gateway
  const sections = { gateway: face, 'gateway.limits': limits, 'gateway.cache': cache, pipeline, parity, log }
  for (const [section, keys] of Object.entries(sections)) {
    for (const [key, value] of Object.entries(keys)) {
      const said = typeof value === 'object' ? 'none' : `\`${value}\``
      expect(text).toContain(`| \`${section}.${key}\` | ${said} |`)
    }
  }
})

test('stores and warehouses that the docs show can be copied into a file', () => {
  const docs = join(packageRoot(), 'docs')
  const pages = readdirSync(docs).filter((name) => name.endsWith('.md'))
  const shown = pages.flatMap((page) =>
    [...readFileSync(join(docs, page), 'utf8').matchAll(/^```yaml\n((?:stores|warehouses):\n.*?)^```$/gms)].map(
      ([, text = '']) => ({ page, text }),
    ),
  )
  expect(new Set(shown.map(({ page }) => page))).toEqual(new Set(['aws.md', 'bigquery.md', 'gcp.md']))
  for (const { page, text } of shown) {
    const least: Record<string, unknown> = {
      control: { embedded: true },
      stores: [{ name: 'local', kind: 'disk', path: './store' }],
      warehouses: { postgres: { kind: 'postgres', embedded: true } },
    }
    const file = { version: 1, profiles: { local: { ...least, ...parse(text) } } }
    writeFileSync(join(folder, 'shown.yaml'), JSON.stringify(file))
    expect(() => loadConfig({ cwd: folder, env: { GOLDGATE_CONFIG: 'shown.yaml' } }), page).not.toThrow()
  }
})

describe('two names for one place', () => {
  const load = (
    stores: readonly string[],
    warehouses: readonly string[],
    env: Readonly<Record<string, string>> = {},
    control = '{ embedded: true }',
  ) => {
    const all = (parts: readonly string[]) => parts.map((part, index) => `n${index + 1}: ${part}`).join(', ')
    const named = stores.map((store, index) => `{ name: s${index + 1}, ${store} }`).join(', ')
    const profile = `control: ${control}, stores: [${named}], warehouses: { ${all(warehouses)} }`
    writeFileSync(join(folder, 'places.yaml'), `version: 1\nprofiles: { local: { ${profile} } }`)
    return loadConfig({ cwd: folder, env: { ...env, GOLDGATE_CONFIG: 'places.yaml' } })
  }
  const disk = 'kind: disk, path: ./store'
  const duckdb = '{ kind: duckdb }'
  const url = (address: string) => `{ kind: postgres, url: "postgresql://${address}" }`

  test.each([
    [url('db/retail'), url('DB:5432/retail?application_name=x')],
    [url('me@localhost/retail'), url('you@127.0.0.1/retail')],
    [url('db/retail'), url('elsewhere/retail?host=db&port=5432')],
    [url('retail@db'), url('db/retail')],
    ['{ kind: postgres, embedded: true }', '{ kind: postgres, embedded: true, database: warehouse }'],
    ['{ kind: duckdb, path: ./a }', '{ kind: duckdb, path: ./b/../a }'],
    ['{ kind: duckdb, path: ./a }', '{ kind: duckdb, path: ./a/b }'],
    [
      '{ kind: bigquery, project: p, dataset: d }',
      '{ kind: bigquery, project: p, dataset: d, location: EU, apiEndpoint: "https://eu-bigquery.googleapis.com" }',
    ],
  ])('is refused of warehouses %s and %s', (one, other) => {
    expect(() => load([disk], [one, other])).toThrow(
      /warehouses\.n2: warehouse "n2" .* warehouse "n1".*: give it a place/,
    )
  })

  test.each([
    ['kind: disk, path: ./a', 'kind: disk, path: "./a/"', 'is the same place as'],
    ['kind: disk, path: ./a', 'kind: disk, path: ./a/silver', 'lies inside'],
    ['kind: disk, path: ./a/silver', 'kind: disk, path: ./a', 'lies around'],
    ['kind: s3, bucket: b, prefix: /x/', 'kind: s3, bucket: b, prefix: x, region: eu-west-1', 'is the same place as'],
    ['kind: s3, bucket: b', 'kind: s3, bucket: b, prefix: x', 'lies inside'],
    ['kind: gcs, bucket: b, prefix: x/y', 'kind: gcs, bucket: b, prefix: x', 'lies around'],
  ])('is refused of stores %s and %s', (one, other, how) => {
    expect(() => load([one, other], [duckdb])).toThrow(`stores[1]: store "s2" ${how} store "s1"`)
  })

  test('is refused of a warehouse in the folder of a store', () => {
    expect(() => load([disk], ['{ kind: duckdb, path: ./store/w }'])).toThrow('warehouse "n1" lies inside store "s1"')
  })

  test.each([
    ['./.goldgate/warehouses/n1', 'warehouse "n1" is the same place as store "s1"'],
    ['./.goldgate/warehouses/n1/deeper', 'warehouse "n1" lies around store "s1"'],
    ['./.goldgate/warehouses', 'warehouse "n1" lies inside store "s1"'],
    ['./.goldgate/postgres', 'store "s1" is the same place as the embedded PostgreSQL'],
    ['./.goldgate/postgres/cluster', 'store "s1" lies inside the embedded PostgreSQL'],
    ['./.goldgate/work', 'store "s1" is the same place as the folder that runs work in'],
    ['${GOLDGATE_HOME}', 'stores[0]: store "s1" lies in GOLDGATE_HOME'],
    ['./', 'stores[0]: store "s1" lies in GOLDGATE_HOME'],
  ])('is refused of a store in %s, where Goldgate keeps something of its own', (path, message) => {
    const own = '{ url: "postgresql://db/control" }'
    for (const control of ['{ embedded: true }', own])
      expect(() => load([`kind: disk, path: "${path}"`], [duckdb], {}, control)).toThrow(message)
  })

  test('is refused of a warehouse in the folder that another has by its name', () => {
    const other = '{ kind: duckdb, path: ./.goldgate/warehouses/n1 }'
    expect(() => load([disk], [duckdb, other])).toThrow('warehouse "n2" is the same place as warehouse "n1"')
    expect(load([disk], [other]).warehouses).toHaveLength(1)
  })

  test.each(['goldgate', 'postgres', 'template0', 'template1'])(
    'is refused of a warehouse in the database %s of the embedded server',
    (database) => {
      const read = () => load([disk], [`{ kind: postgres, embedded: true, database: ${database} }`])
      expect(read).toThrow(
        new RegExp(
          `warehouses\\.n1\\.database: the database "${database}" .* is taken: "goldgate" is the control database, and "postgres", "template0", "template1" are PostgreSQL's own`,
        ),
      )
    },
  )

  test('is not the database goldgate where the control database is elsewhere', () => {
    const warehouse = (database: string) => [`{ kind: postgres, embedded: true, database: ${database} }`]
    const own = '{ url: "postgresql://db/control" }'
    expect(load([disk], warehouse('goldgate'), {}, own).warehouses).toHaveLength(1)
    expect(() => load([disk], warehouse('template1'), {}, own)).toThrow(/is taken: "postgres", /)
  })

  test('shows nothing of the place, which may hold a secret', () => {
    const both = ['{ kind: postgres, url: "${WH}" }', '{ kind: postgres, url: "${WH}" }']
    const read = () => load([disk], both, { WH: 'postgresql://me:hunter2@db/retail' })
    expect(read).toThrow(/is the same place as/)
    expect(read).not.toThrow(/hunter2/)
  })

  test('is not what differs in database, server, prefix, bucket or dataset', () => {
    const stores = ['path: ./a', 'path: ./ab', 'path: ./b'].map((path) => `kind: disk, ${path}`)
    const buckets = ['bucket: b, prefix: x', 'bucket: b, prefix: xy', 'bucket: c'].map(
      (bucket) => `kind: s3, ${bucket}`,
    )
    const other = ['kind: s3, bucket: c, endpoint: "http://127.0.0.1:9000"', 'kind: gcs, bucket: c']
    const postgres = [url('db/a'), url('db/b'), url('other/a'), url('db:5433/a')]
    const datasets = ['d', 'e'].map((dataset) => `{ kind: bigquery, project: p, dataset: ${dataset} }`)
    const config = load([...stores, ...buckets, ...other], [...postgres, ...datasets, duckdb, duckdb])
    expect([config.stores.length, config.warehouses.length]).toEqual([8, 8])
  })
})
