import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ConfigFolder, placeOf, VALID } from '../../tests/setup/config-folder.js'
import { describeConfig } from './describe.js'

let folder: ConfigFolder
beforeEach(() => {
  folder = new ConfigFolder()
})
afterEach(() => folder.remove())

const local = (settings: string) => `${VALID}\n${settings}`

describe('variables', () => {
  const withUrl = VALID.replace('{ kind: tank }', '{ kind: tank, url: "${TANK_URL}" }')

  test('are put in after parsing, so that a value cannot become YAML', () => {
    const hostile = 'x" }\n    gateway: { port: 1 }\n# ${HOME} $${X} *a &b !!js {{'
    expect(folder.load(withUrl, { TANK_URL: hostile, HOME: '/home/x' }).warehouses[0]?.options).toEqual({
      url: hostile,
      size: 3,
    })
  })

  test('that are unset are named, with their key and place', () => {
    const { message } = folder.failure(withUrl)
    expect(message).toContain(
      `${placeOf(withUrl, '"${TANK_URL}"')} profiles.local.warehouses.big.url: the environment variable TANK_URL is not set`,
    )
    expect(message.split('\n')).toHaveLength(2)
  })

  test('that are empty count as unset', () => {
    expect(folder.failure(withUrl, { TANK_URL: '' }).message).toContain(
      'warehouses.big.url: the environment variable TANK_URL is empty',
    )
  })

  test('may leave nothing of a value, which then counts as not written', () => {
    const text = VALID.replace('{ kind: tank }', '{ kind: tank, url: "${TANK_URL:-}" }')
    expect(folder.load(text).warehouses[0]?.options).toEqual({ size: 3 })
    expect(folder.load(text, { TANK_URL: '' }).warehouses[0]?.options).toEqual({ size: 3 })
    expect(folder.load(text, { TANK_URL: 'x' }).warehouses[0]?.options).toEqual({ size: 3, url: 'x' })
    expect(
      folder.load(local('    gateway: { allowedHosts: ["${A:-}", "${B:-}"] }'), { B: 'b' }).gateway.allowedHosts,
    ).toEqual(['b'])
    const required = VALID.replace('depth: 2', 'depth: "${DEPTH:-}"')
    expect(folder.failure(required).message).toContain('profiles.local.warehouses.small.depth: is missing')
  })

  test('may have a default, and give numbers and switches', () => {
    const text = local('    gateway: { port: "${GATE_PORT:-4123}", landingPage: "${PAGE:-true}" }')
    expect(folder.load(text).gateway).toMatchObject({ port: 4123, landingPage: true })
    expect(folder.load(text, { GATE_PORT: '5000', PAGE: 'false' }).gateway).toMatchObject({
      port: 5000,
      landingPage: false,
    })
    expect(folder.failure(text, { GATE_PORT: 'many' }).message).toContain(
      'profiles.local.gateway.port: expected number',
    )
  })

  test('become numbers where the option of a kind is one, and stay text where it is text', () => {
    const text = VALID.replace('{ kind: tank }', '{ kind: tank, size: "${SIZE}", url: "${DIGITS}" }')
    const config = folder.load(text, { SIZE: '12', DIGITS: '0101' })
    expect(config.warehouses[0]?.options).toEqual({ size: 12, url: '0101' })
    expect(folder.failure(text, { SIZE: 'big', DIGITS: '1' }).message).toContain('warehouses.big.size: expected')
  })

  test('include GOLDGATE_HOME, set or not', () => {
    const text = VALID.replace('data: files', 'data: "${GOLDGATE_HOME}/demo"')
    expect(folder.load(text).sources[0]?.data).toBe(join(folder.path, '.goldgate', 'demo'))
    expect(folder.load(text, { GOLDGATE_HOME: 'other' }).sources[0]?.data).toBe(join(folder.path, 'other', 'demo'))
  })
})

describe('the environment overrides the file', () => {
  test('by PORT and HOST', () => {
    expect(folder.load(VALID, { PORT: '0', HOST: '::1' }).gateway).toMatchObject({ port: 0, host: '::1' })
  })

  test('but not with what the file may not say either', () => {
    expect(folder.failure(VALID, { PORT: '99999' }).message).toContain('PORT ("99999")')
    expect(folder.failure(VALID, { HOST: '0.0.0.0' }).message).toContain(
      'HOST ("0.0.0.0") has to be an address of this machine alone',
    )
  })

  test('by GOLDGATE_PROFILE', () => {
    const other = `${VALID}\n  other:\n${VALID.split('\n').slice(5).join('\n').replace('big:', 'large:')}`
    expect(folder.load(other, { GOLDGATE_PROFILE: 'other' }).defaultWarehouse).toBe('large')
    expect(folder.failure(other, { GOLDGATE_PROFILE: 'othre' })).toMatchObject({
      code: 'PROFILE_UNKNOWN',
      message: expect.stringContaining('did you mean "other"?'),
    })
  })

  test('by GOLDGATE_HOME, absolute or not', () => {
    expect(folder.load(VALID, { GOLDGATE_HOME: '/somewhere' }).home).toBe('/somewhere')
    expect(folder.load(VALID, { GOLDGATE_HOME: 'here' }).home).toBe(join(folder.path, 'here'))
  })
})

describe('secrets', () => {
  test('written into the file are refused without being repeated', () => {
    const text = VALID.replace('{ kind: tank }', '{ kind: tank, url: "postgresql://me:hunter2@host/db" }')
    const { message } = folder.failure(text)
    expect(message).toContain('profiles.local.warehouses.big.url: a secret is written in the file')
    expect(message).not.toContain('hunter2')
  })

  test('from the environment are masked where the configuration is described', () => {
    const text = VALID.replace('{ embedded: true }', '{ url: "${DB}" }').replace(
      '{ kind: tank }',
      '{ kind: tank, url: "${DB}" }',
    )
    const config = folder.load(text, { DB: 'postgresql://me:hunter2@host:5432/db?password=hunter2' })
    const described = JSON.stringify(describeConfig(config))
    expect(config.control).toMatchObject({ url: expect.stringContaining('hunter2') })
    expect(described).not.toContain('hunter2')
    expect(described.match(/postgresql:\/\/\*\*\*@host:5432\/db/g)).toHaveLength(2)
  })

  test.each([
    'postgresql://u:/hunter2@127.0.0.1/x',
    'postgresql://u:hun@hunter2/2@h/x',
    'postgresql://u:1?hunter2@h/x',
    'postgresql://u:1#hunter2@h/x',
    'postgresql://u:hunter2#@h/x',
  ])('of %s stay hidden, although the password was not encoded', (url) => {
    const text = VALID.replace('{ kind: tank }', '{ kind: tank, url: "${DB}" }')
    expect(JSON.stringify(describeConfig(folder.load(text, { DB: url })))).not.toContain('hunter2')
  })
})
