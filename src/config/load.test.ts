import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ConfigFolder, placeOf, VALID } from '../../tests/setup/config-folder.js'

let folder: ConfigFolder
beforeEach(() => {
  folder = new ConfigFolder()
})
afterEach(() => folder.remove())

const local = (settings: string) => `${VALID}\n${settings}`

describe('a valid file', () => {
  test('becomes one typed object with the defaults filled in', () => {
    const config = folder.load(VALID)
    expect(config).toMatchObject({
      profile: 'local',
      home: join(folder.path, '.goldgate'),
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
    writeFileSync(join(folder.path, 'goldgate.yaml'), VALID)
    const elsewhere = mkdtempSync(join(tmpdir(), 'goldgate elsewhere '))
    try {
      const config = folder.read(elsewhere, { GOLDGATE_CONFIG: join(folder.path, 'goldgate.yaml') })
      expect(config.sources).toEqual([{ name: 'demo', data: join(folder.path, 'files') }])
      expect(config.mappings).toEqual([join(folder.path, 'maps')])
      expect(config.stores[0]?.options).toEqual({ directory: join(folder.path, 'objects') })
      expect(config.home).toBe(join(elsewhere, '.goldgate'))
    } finally {
      rmSync(elsewhere, { recursive: true })
    }
  })

  test('may say more about stores, warehouses and the control database', () => {
    const text = VALID.replace(
      '{ embedded: true }',
      '{ url: "postgresql://host/db?sslmode=require", tls: { ca: ./ca.pem }, poolSize: 3 }',
    )
      .replace(
        '    warehouses:',
        '      - { name: second, kind: shelf, directory: b, required: false }\n    warehouses:',
      )
      .concat('\n    parity: { severity: error }\n    gateway: { fallback: { big: small }, aliases: { primary: big } }')
    const config = folder.load(text)
    expect(config.control).toEqual({
      embedded: false,
      url: 'postgresql://host/db?sslmode=require',
      poolSize: 3,
      tls: { enabled: true, rejectUnauthorized: true, ca: join(folder.path, 'ca.pem') },
    })
    expect(config.stores.map(({ name, required }) => [name, required])).toEqual([
      ['first', true],
      ['second', false],
    ])
    expect(config.parity).toEqual({ severity: 'error' })
    expect(config.gateway).toMatchObject({ fallback: { big: 'small' }, aliases: { primary: 'big' } })
  })

  test('may let the gateway listen beyond this machine, in so many words', () => {
    const text = local('    gateway: { host: 0.0.0.0, exposed: true, allowedHosts: [gateway] }')
    expect(folder.load(text).gateway).toMatchObject({ host: '0.0.0.0', exposed: true, allowedHosts: ['gateway'] })
    expect(folder.load(local('    gateway: { exposed: true }'), { HOST: '::' }).gateway.host).toBe('::')
    expect(() => folder.load(local('    gateway: { exposed: true }'), { HOST: '0.0.0.0:80' })).toThrow(
      'variable HOST ("0.0.0.0:80") is no address to listen on',
    )
  })

  test('may name whatever a Host header can say', () => {
    const hosts = ['gateway', 'Bi_2.example.com.', '10.0.0.7', '[fd00::7]']
    expect(folder.load(local(`    gateway: { allowedHosts: ${JSON.stringify(hosts)} }`)).gateway.allowedHosts).toEqual(
      hosts,
    )
  })

  test('may name the proxies that it is behind, each an address or a network', () => {
    const proxies = (text: string) =>
      folder.load(local(`    gateway: { trustedProxies: ${text} }`)).gateway.trustedProxies
    expect(proxies('[10.0.0.7, 10.0.0.0/8, "fd00::/8"]')).toEqual(['10.0.0.7', '10.0.0.0/8', 'fd00::/8'])
    for (const wrong of ['[proxy]', '["10.0.0.0/33"]', '["*"]'])
      expect(() => proxies(wrong)).toThrow(/trustedProxies.*neither an address nor a network/s)
    for (const everybody of ['["0.0.0.0/0"]', '["::/0"]', '["::ffff:0:0/96"]', '["::ffff:10.0.0.0/80"]'])
      expect(() => proxies(everybody)).toThrow(/trustedProxies.*all addresses/s)
  })

  test('cannot be changed afterwards', () => {
    const config = folder.load(VALID)
    expect(() => Object.assign(config.gateway.limits, { depth: 1 })).toThrow(TypeError)
    expect(() => (config.sources as unknown[]).push({})).toThrow(TypeError)
  })

  test('may lack the variables of profiles that are not in use', () => {
    const other = '  other:\n    control: { url: "${NOWHERE_SET}" }\n'
    expect(folder.load(`${VALID}\n${other}`).profile).toBe('local')
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
      VALID.replace('depth: 2', 'depht: 2'),
      'depht',
      'profiles.local.warehouses.small.depht: no such key; did you mean "depth"?',
    ],
    ['a misspelt key at the top', `${VALID}\nprofil: x`, 'profil:', 'profil: no such key; did you mean "profile"?'],
    [
      'a value of the wrong type',
      local('    gateway: { port: many }'),
      'many',
      'profiles.local.gateway.port: expected number',
    ],
    ['a number out of range', local('    gateway: { port: 70000 }'), '70000', 'profiles.local.gateway.port: '],
    [
      'an option of the wrong type',
      VALID.replace('depth: 2', 'depth: deep'),
      'deep',
      'profiles.local.warehouses.small.depth: expected number',
    ],
    ['a missing key', VALID.replace('{ data: files }', '{ }'), 'demo', 'profiles.local.sources.demo.data: is missing'],
    [
      'an unknown kind',
      VALID.replace('kind: pond', 'kind: pound'),
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
      VALID.replace('data: files', 'data: files, schedule: { cron: "61 * * * *" }'),
      '"61',
      'profiles.local.sources.demo.schedule.cron: is not a cron expression',
    ],
    [
      'a time zone',
      VALID.replace('data: files', 'data: files, schedule: { cron: "1 * * * *", timezone: Europe/Nowhere }'),
      'Europe',
      'profiles.local.sources.demo.schedule.timezone: is not an IANA time zone',
    ],
    [
      'a host beyond loopback',
      local('    gateway: { host: 0.0.0.0 }'),
      '0.0.0.0',
      'profiles.local.gateway.host: has to be an address of this machine alone',
    ],
    [
      'a database that cannot be reached under its URL',
      VALID.replace('embedded: true', 'url: "postgresql://host:99999/db"'),
      '"postgresql:',
      'profiles.local.control.url: cannot be read: write postgres://user:password@host:port/database',
    ],
    [
      'TLS that the URL undoes',
      VALID.replace('embedded: true', 'url: "postgresql://host/db?sslmode=disable", tls: { ca: ./ca.pem }'),
      '{ ca',
      'profiles.local.control.tls: asks for TLS, but the url says sslmode=disable',
    ],
    [
      'TLS that the URL does not verify',
      VALID.replace('embedded: true', 'url: "postgresql://host/db?sslmode=no-verify", tls: {}'),
      '{} }',
      'profiles.local.control.tls: verifies the server, but the url says sslmode=no-verify',
    ],
    [
      'TLS of the embedded server',
      VALID.replace('embedded: true', 'embedded: true, tls: {}'),
      '{} }',
      'profiles.local.control.tls: belongs to a "url"',
    ],
    [
      'a primary store that is not required',
      VALID.replace('kind: shelf', 'kind: shelf, required: false'),
      'false,',
      'profiles.local.stores[0].required: the first store is the primary one',
    ],
    [
      'a severity nobody knows',
      local('    parity: { severity: loud }'),
      'loud',
      'profiles.local.parity.severity: must be one of warn, error',
    ],
    [
      'a fallback that is not there',
      local('    gateway: { fallback: { big: smal } }'),
      'smal }',
      'profiles.local.gateway.fallback.big: there is no warehouse "smal"; did you mean "small"?',
    ],
    [
      'a fallback of a warehouse that is not there',
      local('    gateway: { fallback: { bgi: small } }'),
      'bgi',
      'profiles.local.gateway.fallback.bgi: there is no warehouse "bgi"; did you mean "big"?',
    ],
    [
      'a fallback to itself',
      local('    gateway: { fallback: { big: big } }'),
      'big }',
      'profiles.local.gateway.fallback.big: a warehouse cannot stand in for itself',
    ],
    [
      'an alias of nothing',
      local('    gateway: { aliases: { primary: bgi } }'),
      'bgi',
      'profiles.local.gateway.aliases.primary: there is no warehouse "bgi"; did you mean "big"?',
    ],
    [
      'an alias that hides a warehouse',
      local('    gateway: { aliases: { small: big } }'),
      'small: big',
      'profiles.local.gateway.aliases.small: "small" is a warehouse itself',
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
      VALID.replace('big:', '"../big":'),
      '"../big"',
      'profiles.local.warehouses.../big: a name is lower-case letters',
    ],
    [
      'no store',
      VALID.replace('- { name: first, kind: shelf, directory: ./objects }', '[]'),
      '[]',
      'profiles.local.stores: ',
    ],
    [
      'both ways to control',
      VALID.replace('embedded: true', 'embedded: true, url: "postgresql://host/db"'),
      '{ embedded',
      'profiles.local.control: give either',
    ],
    [
      'a version of the future',
      VALID.replace('version: 1', 'version: 2'),
      '2',
      'version: must be 1, the only version of the format that this Goldgate reads',
    ],
    ...['http://127.0.0.1', '127.0.0.1:80', '[::1]', 'my host'].map((host): [string, string, string, string] => [
      `the host ${host}`,
      local(`    gateway: { host: "${host}" }`),
      `"${host}"`,
      'profiles.local.gateway.host: is no address to listen on: write it without a scheme, a port or brackets',
    ]),
    ...['*', 'https://x', 'a:80', 'fd00::7', '[fd00::7]:80', '*.a.com', 'a/b'].map(
      (host): [string, string, string, string] => [
        `the allowed host ${host}`,
        local(`    gateway: { allowedHosts: [good.example, "${host}"] }`),
        `"${host}"`,
        'profiles.local.gateway.allowedHosts[1]: is nothing that a Host header says',
      ],
    ),
    [
      'a role that no object can have',
      local('    roles: { analyst: {}, __proto__: { models: [daily_revenue] } }'),
      '__proto__',
      'profiles.local.roles.__proto__: can be no name: take another',
    ],
    [
      'an alias that no object can have',
      local('    gateway: { aliases: { __proto__: big } }'),
      '__proto__',
      'profiles.local.gateway.aliases.__proto__: can be no name: take another',
    ],
  ])('%s', (_what, text, at, message) => {
    const error = folder.failure(text)
    expect(error.code).toBe('CONFIG_INVALID')
    expect(error.message).toContain(`${placeOf(text, at)} ${message}`)
  })

  test('all of them at once', () => {
    const text = local('    gateway: { prot: 1 }\n    log: { level: loud }')
    expect(folder.failure(text).message).toContain('2 mistakes')
  })

  test('a store of a name that is taken', () => {
    const twice = VALID.replace(
      '    warehouses:',
      '      - { name: first, kind: shelf, directory: b }\n    warehouses:',
    )
    expect(folder.failure(twice).message).toContain('profiles.local.stores[1].name: there is a store "first" already')
  })

  test('YAML that cannot be read, and a key written twice', () => {
    expect(folder.failure('version: 1\nprofiles: {').message).toMatch(/goldgate\.yaml:2:\d+: /)
    expect(folder.failure(local('    sources: {}')).message).toMatch(/goldgate\.yaml:14:5: .*unique/i)
  })

  test('a second document in the file', () => {
    const text = `${VALID}\n---\nversion: 1`
    expect(folder.failure(text).message).toContain(
      `${placeOf(text, '---')} a second document begins here, and a configuration is one`,
    )
  })

  test.each(['', '\n\n', '# nothing yet\n', '---\n', 'null'])('a file of %j', (text) => {
    expect(folder.failure(text).message).toMatch(
      /goldgate\.yaml:1:1: holds nothing: a configuration has the keys "version" and "profiles"\. Begin with a copy/,
    )
  })

  test.each(['version', '- version: 1', '"{}"'])('a file that holds no keys: %s', (text) => {
    expect(folder.failure(text).message).toMatch(/goldgate\.yaml:1:1: holds no keys: a configuration has/)
  })

  test('a file that is not written in UTF-8', () => {
    const utf16 = Buffer.from(VALID, 'utf16le')
    const older = Buffer.from(`# für uns\n${VALID}`, 'latin1')
    for (const bytes of [utf16, Buffer.concat([Buffer.from([0xff, 0xfe]), utf16]), utf16.swap16(), older])
      expect(folder.failure(bytes).message).toMatch(/goldgate\.yaml:1:1: is not written in UTF-8.*save it as UTF-8/)
    expect(folder.load(`\uFEFF${VALID}`).profile).toBe('local')
  })

  test.each([100, 20_000])('values that are nested %d deep', (depth) => {
    const nested = `${'['.repeat(depth)}${']'.repeat(depth)}`
    expect(folder.failure(local(`    gateway: ${nested}`)).message).toMatch(/: more than .* or 30 levels/)
  })

  test('an alias that leads to itself', () => {
    expect(folder.failure(local('    gateway: &g { limits: *g }')).message).toContain('levels, aliases followed')
  })

  test('a file that is not there', () => {
    const error = (() => {
      try {
        return folder.read(folder.path, { GOLDGATE_CONFIG: 'absent.yaml' })
      } catch (thrown) {
        return thrown
      }
    })()
    expect(error).toMatchObject({
      code: 'CONFIG_NOT_FOUND',
      message: expect.stringContaining(join(folder.path, 'absent.yaml')),
    })
  })
})
