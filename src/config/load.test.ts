import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Config } from './config.js'
import { describeConfig } from './describe.js'
import { ConfigError } from './errors.js'
import type { Environment } from './interpolate.js'
import type { Kind, Kinds } from './kinds.js'
import { readConfig } from './load.js'

function kindOf(kind: string, options: z.ZodType): Kind {
  return {
    kind,
    parseOptions: (raw) => options.parse(raw),
    optionsJsonSchema: () => z.toJSONSchema(options, { io: 'input' }),
  }
}

/** Kinds that no registry has: the configuration must work with whatever it is handed. */
const kinds: Kinds = {
  stores: [kindOf('shelf', z.strictObject({ directory: z.string() }))],
  warehouses: [
    kindOf('tank', z.strictObject({ url: z.string().optional(), size: z.int().default(3) })),
    kindOf('pond', z.strictObject({ depth: z.int() })),
  ],
}

const LINES = `version: 1
profile: local
mappings: [maps]
profiles:
  local:
    control: { embedded: true }
    stores:
      - { name: first, kind: shelf, directory: ./objects }
    warehouses:
      big: { kind: tank }
      small: { kind: pond, depth: 2 }
    sources:
      demo: { data: files }`

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'goldgate config '))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function load(text: string, env: Environment = {}): Config {
  writeFileSync(join(folder, 'goldgate.yaml'), text)
  return readConfig({ cwd: folder, env, kinds })
}

function failure(text: string, env: Environment = {}): ConfigError {
  try {
    load(text, env)
  } catch (error) {
    if (error instanceof ConfigError) return error
    throw error
  }
  throw new Error('The configuration was accepted')
}

/** `4:3` of the first place where `part` stands in `text`. */
function placeOf(text: string, part: string): string {
  const before = text.slice(0, text.indexOf(part)).split('\n')
  return `goldgate.yaml:${before.length}:${(before.at(-1)?.length ?? 0) + 1}:`
}

const local = (settings: string) => `${LINES}\n${settings}`

describe('a valid file', () => {
  test('becomes one typed object with the defaults filled in', () => {
    const config = load(LINES)
    expect(config).toMatchObject({
      profile: 'local',
      home: join(folder, '.goldgate'),
      control: { embedded: true },
      defaultWarehouse: 'big',
      gateway: { host: '127.0.0.1', port: 4000, limits: { defaultPageSize: 50, maxPageSize: 1000 } },
      pipeline: { leaseSeconds: 30, retainBuilds: 5, conformMemoryMb: 512 },
      log: { level: 'info' },
    })
    expect(config.warehouses).toEqual([
      { name: 'big', kind: 'tank', options: { size: 3 } },
      { name: 'small', kind: 'pond', options: { depth: 2 } },
    ])
  })

  test('has its paths resolved against its own folder, wherever the command was started', () => {
    writeFileSync(join(folder, 'goldgate.yaml'), LINES)
    const elsewhere = mkdtempSync(join(tmpdir(), 'goldgate elsewhere '))
    try {
      const config = readConfig({ cwd: elsewhere, env: { GOLDGATE_CONFIG: join(folder, 'goldgate.yaml') }, kinds })
      expect(config.sources).toEqual([{ name: 'demo', data: join(folder, 'files') }])
      expect(config.mappings).toEqual([join(folder, 'maps')])
      expect(config.stores[0]?.options).toEqual({ directory: join(folder, 'objects') })
      expect(config.home).toBe(join(elsewhere, '.goldgate'))
    } finally {
      rmSync(elsewhere, { recursive: true })
    }
  })

  test('cannot be changed afterwards', () => {
    const config = load(LINES)
    expect(() => Object.assign(config.gateway.limits, { depth: 1 })).toThrow(TypeError)
    expect(() => (config.sources as unknown[]).push({})).toThrow(TypeError)
  })

  test('may lack the variables of profiles that are not in use', () => {
    const other = '  other:\n    control: { url: "${NOWHERE_SET}" }\n'
    expect(load(`${LINES}\n${other}`).profile).toBe('local')
  })
})

describe('a mistake is reported with its key and place', () => {
  test.each([
    [
      'a misspelt key',
      local('    gatewya: {}'),
      'gatewya',
      'profiles.local.gatewya: no such key; did you mean "gateway"?',
    ],
    [
      'a misspelt key deeper down',
      local('    gateway: { limits: { dept: 3 } }'),
      'dept:',
      'profiles.local.gateway.limits.dept: no such key; did you mean "depth"?',
    ],
    [
      'a misspelt option of a kind',
      LINES.replace('depth: 2', 'depht: 2'),
      'depht',
      'profiles.local.warehouses.small.depht: no such key; did you mean "depth"?',
    ],
    ['a misspelt key at the top', `${LINES}\nprofil: x`, 'profil:', 'profil: no such key; did you mean "profile"?'],
    [
      'a value of the wrong type',
      local('    gateway: { port: many }'),
      'many',
      'profiles.local.gateway.port: expected number',
    ],
    ['a number out of range', local('    gateway: { port: 70000 }'), '70000', 'profiles.local.gateway.port: '],
    [
      'an option of the wrong type',
      LINES.replace('depth: 2', 'depth: deep'),
      'deep',
      'profiles.local.warehouses.small.depth: expected number',
    ],
    ['a missing key', LINES.replace('{ data: files }', '{ }'), 'demo', 'profiles.local.sources.demo.data: is missing'],
    [
      'an unknown kind',
      LINES.replace('kind: pond', 'kind: pound'),
      'pound',
      'profiles.local.warehouses.small.kind: there is no kind "pound"; did you mean "pond"?',
    ],
    [
      'an unknown default',
      local('    defaultWarehouse: bgi'),
      'bgi',
      'profiles.local.defaultWarehouse: there is no warehouse "bgi"; did you mean "big"?',
    ],
    [
      'a cron expression',
      LINES.replace('data: files', 'data: files, schedule: { cron: "61 * * * *" }'),
      '"61',
      'profiles.local.sources.demo.schedule.cron: is not a cron expression',
    ],
    [
      'a time zone',
      LINES.replace('data: files', 'data: files, schedule: { cron: "1 * * * *", timezone: Europe/Nowhere }'),
      'Europe',
      'profiles.local.sources.demo.schedule.timezone: is not an IANA time zone',
    ],
    [
      'a host beyond loopback',
      local('    gateway: { host: 0.0.0.0 }'),
      '0.0.0.0',
      'profiles.local.gateway.host: listens on this machine only',
    ],
    [
      'a level nobody knows',
      local('    log: { level: loud }'),
      'loud',
      'profiles.local.log.level: must be one of error, warn, info, debug',
    ],
    [
      'a default page above the largest',
      local('    gateway: { limits: { defaultPageSize: 60, maxPageSize: 59 } }'),
      '60',
      'profiles.local.gateway.limits.defaultPageSize: must not be larger than maxPageSize',
    ],
    [
      'a name that cannot be a folder',
      LINES.replace('big:', '"../big":'),
      '"../big"',
      'profiles.local.warehouses.../big: a name is lower-case letters',
    ],
    [
      'no store',
      LINES.replace('- { name: first, kind: shelf, directory: ./objects }', '[]'),
      '[]',
      'profiles.local.stores: ',
    ],
    [
      'both ways to control',
      LINES.replace('embedded: true', 'embedded: true, url: "postgresql://host/db"'),
      '{ embedded',
      'profiles.local.control: give either',
    ],
    ['a version of the future', LINES.replace('version: 1', 'version: 2'), '2', 'version: '],
  ])('%s', (_what, text, at, message) => {
    const error = failure(text)
    expect(error.code).toBe('CONFIG_INVALID')
    expect(error.message).toContain(`${placeOf(text, at)} ${message}`)
  })

  test('all of them at once', () => {
    const text = local('    gateway: { prot: 1 }\n    log: { level: loud }')
    expect(failure(text).message).toContain('2 mistakes')
  })

  test('a store of a name that is taken', () => {
    const twice = LINES.replace(
      '    warehouses:',
      '      - { name: first, kind: shelf, directory: b }\n    warehouses:',
    )
    expect(failure(twice).message).toContain('profiles.local.stores[1].name: there is a store "first" already')
  })

  test('YAML that cannot be read, and a key written twice', () => {
    expect(failure('version: 1\nprofiles: {').message).toMatch(/goldgate\.yaml:2:\d+: /)
    expect(failure(local('    sources: {}')).message).toMatch(/goldgate\.yaml:14:5: .*unique/i)
  })

  test('an alias that leads to itself', () => {
    expect(failure(local('    gateway: &g { limits: *g }')).message).toContain('levels, aliases followed')
  })

  test('a file that is not there', () => {
    const error = (() => {
      try {
        return readConfig({ cwd: folder, env: { GOLDGATE_CONFIG: 'absent.yaml' }, kinds })
      } catch (thrown) {
        return thrown
      }
    })()
    expect(error).toMatchObject({
      code: 'CONFIG_NOT_FOUND',
      message: expect.stringContaining(join(folder, 'absent.yaml')),
    })
  })
})

describe('variables', () => {
  const withUrl = LINES.replace('{ kind: tank }', '{ kind: tank, url: "${TANK_URL}" }')

  test('are put in after parsing, so that a value cannot become YAML', () => {
    const hostile = 'x" }\n    gateway: { port: 1 }\n# ${HOME} $${X} *a &b !!js {{'
    expect(load(withUrl, { TANK_URL: hostile, HOME: '/home/x' }).warehouses[0]?.options).toEqual({
      url: hostile,
      size: 3,
    })
  })

  test('that are unset are named, with their key and place', () => {
    const { message } = failure(withUrl)
    expect(message).toContain(
      `${placeOf(withUrl, '"${TANK_URL}"')} profiles.local.warehouses.big.url: the environment variable TANK_URL is not set`,
    )
    expect(message.split('\n')).toHaveLength(2)
  })

  test('may have a default, and give numbers and switches', () => {
    const text = local('    gateway: { port: "${GATE_PORT:-4123}", landingPage: "${PAGE:-true}" }')
    expect(load(text).gateway).toMatchObject({ port: 4123, landingPage: true })
    expect(load(text, { GATE_PORT: '5000', PAGE: 'false' }).gateway).toMatchObject({ port: 5000, landingPage: false })
    expect(failure(text, { GATE_PORT: 'many' }).message).toContain('profiles.local.gateway.port: expected number')
  })

  test('become numbers where the option of a kind is one, and stay text where it is text', () => {
    const text = LINES.replace('{ kind: tank }', '{ kind: tank, size: "${SIZE}", url: "${DIGITS}" }')
    const config = load(text, { SIZE: '12', DIGITS: '0101' })
    expect(config.warehouses[0]?.options).toEqual({ size: 12, url: '0101' })
    expect(failure(text, { SIZE: 'big', DIGITS: '1' }).message).toContain('warehouses.big.size: expected')
  })

  test('include GOLDGATE_HOME, set or not', () => {
    const text = LINES.replace('data: files', 'data: "${GOLDGATE_HOME}/demo"')
    expect(load(text).sources[0]?.data).toBe(join(folder, '.goldgate', 'demo'))
    expect(load(text, { GOLDGATE_HOME: 'other' }).sources[0]?.data).toBe(join(folder, 'other', 'demo'))
  })
})

describe('the environment overrides the file', () => {
  test('by PORT and HOST', () => {
    expect(load(LINES, { PORT: '0', HOST: '::1' }).gateway).toMatchObject({ port: 0, host: '::1' })
  })

  test('but not with what the file may not say either', () => {
    expect(failure(LINES, { PORT: '99999' }).message).toContain('PORT ("99999")')
    expect(failure(LINES, { HOST: '0.0.0.0' }).message).toContain('HOST ("0.0.0.0") listens on this machine only')
  })

  test('by GOLDGATE_PROFILE', () => {
    const other = `${LINES}\n  other:\n${LINES.split('\n').slice(5).join('\n').replace('big:', 'large:')}`
    expect(load(other, { GOLDGATE_PROFILE: 'other' }).defaultWarehouse).toBe('large')
    expect(failure(other, { GOLDGATE_PROFILE: 'othre' })).toMatchObject({
      code: 'PROFILE_UNKNOWN',
      message: expect.stringContaining('did you mean "other"?'),
    })
  })

  test('by GOLDGATE_HOME, absolute or not', () => {
    expect(load(LINES, { GOLDGATE_HOME: '/somewhere' }).home).toBe('/somewhere')
    expect(load(LINES, { GOLDGATE_HOME: 'here' }).home).toBe(join(folder, 'here'))
  })
})

describe('secrets', () => {
  test('written into the file are refused without being repeated', () => {
    const text = LINES.replace('{ kind: tank }', '{ kind: tank, url: "postgresql://me:hunter2@host/db" }')
    const { message } = failure(text)
    expect(message).toContain('profiles.local.warehouses.big.url: a secret is written in the file')
    expect(message).not.toContain('hunter2')
  })

  test('from the environment are masked where the configuration is described', () => {
    const text = LINES.replace('{ embedded: true }', '{ url: "${DB}" }').replace(
      '{ kind: tank }',
      '{ kind: tank, url: "${DB}" }',
    )
    const config = load(text, { DB: 'postgresql://me:hunter2@host:5432/db?password=hunter2' })
    const described = JSON.stringify(describeConfig(config))
    expect(config.control).toMatchObject({ url: expect.stringContaining('hunter2') })
    expect(described).not.toContain('hunter2')
    expect(described.match(/postgresql:\/\/\*\*\*@host:5432\/db/g)).toHaveLength(2)
  })
})
