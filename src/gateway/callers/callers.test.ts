import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  type CryptoKey,
  exportJWK,
  exportPKCS8,
  exportSPKI,
  generateKeyPair,
  importPKCS8,
  type JWK,
  SignJWT,
  UnsecuredJWT,
} from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ApiKeys } from '../../../pipeline/control/api-keys.js'
import { ControlDatabase } from '../../../pipeline/control/database.js'
import { KnownKeys } from '../../../pipeline/control/known-keys.js'
import type { RoleDefinition } from '../../../resolvers/index.js'
import { openTestWarehouses, TestGateway, type TestWarehouses } from '../../../tests/fixtures/gateway/gateway.js'
import { createTestDatabase } from '../../../tests/setup/database.js'
import { keyVerifier } from './api-keys.js'
import type { AuthenticationSettings } from './authenticate.js'
import { jwtVerifier } from './jwt.js'

const query = '{ dailyRevenue { totalCount nodes { source } } }'
const roles: RoleDefinition[] = [
  { name: 'shop', rows: { source: { eq: '$claims.shop' } }, hide: [], limits: {} },
  { name: 'demo', rows: { source: { in: ['demo'] } }, hide: [], limits: {} },
  { name: 'hasty', rows: {}, hide: [], limits: { requestsPerMinute: 3 } },
]

let warehouses: TestWarehouses
let drop: () => Promise<void>
let control: ControlDatabase
let keys: ApiKeys
let gateway: TestGateway
let issuer: Server
let jwks: { keys: JWK[] }
let jwksStatus = 200
let jwksReads = 0
let signer: CryptoKey
let publicPem: string

const key = async (name: string, more: JWK = {}) => {
  const pair = await generateKeyPair('RS256', { extractable: true })
  return { ...pair, jwk: { ...(await exportJWK(pair.publicKey)), kid: name, alg: 'RS256', ...more } }
}

beforeAll(async () => {
  warehouses = await openTestWarehouses()
  const database = await createTestDatabase()
  drop = () => database.drop()
  control = await ControlDatabase.open({ url: database.url })
  keys = new ApiKeys(control)
  const first = await key('first')
  signer = first.privateKey
  publicPem = await exportSPKI(first.publicKey)
  jwks = { keys: [first.jwk] }
  issuer = createServer((_, response) => {
    jwksReads += 1
    response.writeHead(jwksStatus, { 'content-type': 'application/json' }).end(JSON.stringify(jwks))
  })
  await new Promise<void>((resolve) => issuer.listen(0, '127.0.0.1', resolve))
  gateway = await start()
})
beforeEach(() => {
  gateway.reset()
  jwksStatus = 200
})
afterAll(async () => {
  await gateway?.gateway.close()
  issuer?.close()
  await control?.close()
  await drop?.()
  await warehouses?.close()
})

const tokens = (cooldownMs?: number) =>
  jwtVerifier(
    {
      jwksUrl: `http://127.0.0.1:${(issuer.address() as AddressInfo).port}/jwks.json`,
      ...{ issuer: 'https://id.example.com/', audience: 'goldgate', algorithms: ['RS256'], clockToleranceSeconds: 5 },
      ...{ roleClaim: 'access.groups', roles: { 'Shop People': 'shop' } },
    },
    cooldownMs,
  )

const start = (anonymous?: string, cooldownMs?: number) =>
  new TestGateway(new Map([['duckdb', warehouses.duckdb]])).start({
    roles,
    authentication: {
      verifiers: [keyVerifier(new KnownKeys(keys, { generation: () => undefined })), tokens(cooldownMs)],
      anonymous,
    },
  })

const ask = (headers: Record<string, string>, of = gateway) => of.ask(query, undefined, headers)

async function outcome(headers: Record<string, string>, of = gateway): Promise<unknown> {
  const { status, body } = await ask(headers, of)
  if (body.errors) return [status, body.errors[0]?.extensions.code]
  const { nodes } = (body.data?.dailyRevenue ?? { nodes: [] }) as { nodes: { source: string }[] }
  return [...new Set(nodes.map(({ source }) => source))].sort().join()
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const basic = (password: string) => ({ authorization: `Basic ${Buffer.from(`anyone:${password}`).toString('base64')}` })
const made = async (given: Partial<Parameters<ApiKeys['create']>[0]> = {}) =>
  keys.create({ name: 'test', roles: ['shop'], claims: { shop: 'demo' }, ...given })

const all = 'demo,other'

describe('without a credential', () => {
  test('a caller has the address that a trusted proxy tells, and not the one that he tells himself', async () => {
    const behind = await new TestGateway(new Map([['duckdb', warehouses.duckdb]])).start({
      ...{ roles, authentication: { verifiers: [], anonymous: 'hasty' }, trustedProxies: ['10.9.0.0/16'] },
    })
    const from = async (remoteAddress: string, client: string) => {
      const headers = { 'x-forwarded-for': client }
      return (await behind.gateway.app.inject({ url: '/openapi.json', headers, remoteAddress })).statusCode
    }
    for (let i = 0; i < 3; i++) expect(await from('10.9.0.1', '192.0.2.1')).toBe(200)
    expect(await from('10.9.0.2', '192.0.2.1')).toBe(429)
    expect(await from('10.9.0.1', '192.0.2.2')).toBe(200)
    // What the client says in front of what the proxy adds.
    expect(await from('10.9.0.1', '192.0.2.9, 192.0.2.1')).toBe(429)
    for (let i = 0; i < 3; i++) expect(await from('198.51.100.1', `192.0.2.${i + 3}`)).toBe(200)
    expect(await from('198.51.100.1', '192.0.2.6')).toBe(429)
    // Some proxies write ports, IPv6 in spellings of their own, or that they do not know; text of any length is no name.
    const same = ['2001:db8::1', '[2001:DB8::2]:443', '2001:0db8:0:0::3', '2001:db8::4']
    expect(await Promise.all(same.map((client) => from('10.9.0.1', client)))).toEqual([200, 200, 200, 429])
    const nobody = ['unknown', '_hidden', 'x'.repeat(14_000), '1.2.3']
    expect(await Promise.all(nobody.map((client) => from('10.9.0.5', client)))).toEqual([200, 200, 200, 429])
    // Through two proxies, the first of which writes the port of what it hears from.
    expect(await from('10.9.0.1', '192.0.2.1:5000, 10.9.0.7:443')).toBe(429)
    await behind.gateway.close()
  })

  test('a question is refused before anything is read, and told how to ask', async () => {
    const response = await gateway.gateway.app.inject({ method: 'POST', url: '/graphql', payload: { query } })
    expect([response.statusCode, response.json().errors[0].extensions.code]).toEqual([401, 'UNAUTHENTICATED'])
    expect(response.headers['www-authenticate']).toMatch(/^Bearer realm="goldgate", Basic realm="goldgate"/)
    expect(warehouses.duckdb.readings).toEqual([])
  })

  test('nothing but health is there: no page, no introspection, no body is read', async () => {
    const { app } = gateway.gateway
    for (const url of ['/', '/graphql'])
      expect((await app.inject({ url, headers: { accept: 'text/html' } })).statusCode).toBe(401)
    const huge = await app.inject({ method: 'POST', url: '/graphql', payload: { query: 'x'.repeat(2_000_000) } })
    expect(huge.statusCode).toBe(401)
    for (const url of ['/health/live', '/health/ready']) expect((await app.inject({ url })).statusCode).toBe(200)
  })

  test('a configured anonymous role answers, but never one who shows a bad credential', async () => {
    const open = await start('demo')
    try {
      expect(await outcome({}, open)).toBe('demo')
      expect(await outcome(bearer('ggk_wrong'), open)).toEqual([401, 'UNAUTHENTICATED'])
      expect(await outcome({ authorization: 'Digest x' }, open)).toEqual([401, 'UNAUTHENTICATED'])
      expect(await outcome({ 'x-goldgate-role': 'unrestricted' }, open)).toEqual([403, 'FORBIDDEN'])
    } finally {
      await open.gateway.close()
    }
  })
})

describe('a role whose callers lack the claim that it reads', () => {
  test('is told of in the log, once for each claim, however often they ask', async () => {
    const { key } = await made({ claims: {} })
    for (const _ of [1, 2, 3]) expect(await outcome(bearer(key))).toEqual([403, 'FORBIDDEN'])
    const lines = gateway.logged.filter(({ message }) => message.startsWith('CLAIM'))
    expect(lines).toMatchObject([
      { level: 'warn', message: expect.stringContaining(' shop'), fields: { role: 'shop' } },
    ])
  })
})

describe('roles that hold for nobody', () => {
  const started = async (authentication?: AuthenticationSettings) => {
    const other = await new TestGateway(new Map([['duckdb', warehouses.duckdb]])).start({ roles, authentication })
    await other.gateway.close()
    return other.logged.map(({ message }) => message.slice(0, 21))
  }

  test('are warned of at the start', async () => {
    expect(await started()).toEqual(['ROLES HOLD FOR NOBODY'])
    expect(await started({ verifiers: [], anonymous: 'demo' })).toEqual([])
    expect(await started({ verifiers: [tokens()] })).toEqual([])
  })
})

describe('bad credentials', () => {
  test('of one address are looked up so often in a minute; who has shown a good one is let on', async () => {
    const asked: string[] = []
    const find = async (text: string) => {
      asked.push(text)
      return text === 'ggk_good' ? { id: 'good', roles: ['demo'], claims: {} } : undefined
    }
    const strict = await new TestGateway(new Map([['duckdb', warehouses.duckdb]])).start({
      roles,
      authentication: { verifiers: [keyVerifier({ find })] },
    })
    const refused = [401, 'UNAUTHENTICATED']
    const { app } = strict.gateway
    const statusOf = async (key: string) =>
      (await app.inject({ url: '/openapi.json', headers: bearer(key) })).statusCode
    expect(await outcome(bearer('ggk_good'), strict)).toBe('demo')
    for (let i = 1; i <= 60; i++) expect(await statusOf(`ggk_${i}`)).toBe(401)
    const late = await app.inject({ url: '/openapi.json', headers: bearer('ggk_61') })
    expect([late.statusCode, late.json().errors[0].extensions.code]).toEqual([429, 'RATE_LIMITED'])
    expect(Number(late.headers['retry-after'])).toBeGreaterThan(0)
    expect(await outcome(bearer('ggk_good'), strict)).toBe('demo')
    expect(asked).not.toContain('ggk_61')
    // Nothing was shown, so nothing is looked up.
    expect(await outcome({}, strict)).toEqual(refused)
    await strict.gateway.close()
  })
})

describe('an API key', () => {
  test('is taken as a bearer token, as x-api-key and as the password of HTTP Basic', async () => {
    const { key } = await made()
    for (const headers of [bearer(key), { 'x-api-key': key }, basic(key)]) expect(await outcome(headers)).toBe('demo')
  })

  test('is nowhere: not in the database, not in the log', async () => {
    const { id, key } = await made()
    await ask({ 'x-api-key': key })
    await ask({ 'x-api-key': `${key}x` })
    const stored = await control.query('SELECT * FROM goldgate_control.api_keys WHERE key_id = $1', [id])
    const secret = key.slice(-43)
    expect(JSON.stringify([stored, gateway.logged])).not.toContain(secret)
    expect(stored).toHaveLength(1)
  })

  test('is refused by every process from when it is revoked', async () => {
    const other = await start()
    try {
      const { id, key } = await made()
      expect([await outcome(bearer(key)), await outcome(bearer(key), other)]).toEqual(['demo', 'demo'])
      await keys.revoke(id)
      const refused = [401, 'UNAUTHENTICATED']
      expect([await outcome(bearer(key)), await outcome(bearer(key), other)]).toEqual([refused, refused])
      expect(await keys.revoke(id)).toMatchObject({ id })
      await expect(keys.revoke('nobody')).rejects.toMatchObject({ code: 'KEY_UNKNOWN' })
    } finally {
      await other.gateway.close()
    }
  })

  test('expires, and says when it was last used', async () => {
    const { id, key } = await made({ expiresAt: new Date(Date.now() + 60_000) })
    expect(await outcome(bearer(key))).toBe('demo')
    await expect.poll(async () => (await keys.list()).find((each) => each.id === id)?.lastUsedAt).toBeInstanceOf(Date)
    await control.query(`UPDATE goldgate_control.api_keys SET expires_at = now() - interval '1 s' WHERE key_id = $1`, [
      id,
    ])
    expect(await outcome(bearer(key))).toEqual([401, 'UNAUTHENTICATED'])
  })

  test.each([
    ['changed', (key: string) => `${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`],
    ['cut', (key: string) => key.slice(0, -1)],
    ['with SQL in it', (key: string) => `${key}' OR true --`],
    ['empty', () => ''],
  ])('that is %s is none', async (_, changed) => {
    const { key } = await made()
    expect(await outcome({ authorization: `Bearer ${changed(key)}` })).toEqual([401, 'UNAUTHENTICATED'])
    expect(await outcome(basic(changed(key)))).toEqual([401, 'UNAUTHENTICATED'])
  })

  test('without a claim that its role reads, or with one that is no value, reads nothing', async () => {
    for (const claims of [{}, { shop: '' }, { shop: null }, { shop: 7 }, { shop: ['demo'] }, { shop: { eq: 'demo' } }])
      expect(await outcome(bearer((await made({ claims })).key))).toEqual([403, 'FORBIDDEN'])
  })

  test('asks in the first of its roles, or in the one it names, never in another', async () => {
    const { key } = await made({ roles: ['gone', 'hasty', 'demo'] })
    expect(await outcome(bearer(key))).toBe(all)
    expect(await outcome({ ...bearer(key), 'x-goldgate-role': 'demo' })).toBe('demo')
    expect(await outcome({ ...bearer(key), 'x-goldgate-role': 'unrestricted' })).toEqual([403, 'FORBIDDEN'])
    expect(await outcome(bearer((await made({ roles: ['gone'] })).key))).toEqual([403, 'FORBIDDEN'])
    // Who sees everything may look as others do.
    const { key: whole } = await made({ roles: ['unrestricted'] })
    expect(await outcome({ ...bearer(whole), 'x-goldgate-role': 'demo' })).toBe('demo')
  })

  test('may ask so often in a minute, whatever others do', async () => {
    const [{ key: one }, { key: other }] = [await made({ roles: ['hasty'] }), await made({ roles: ['hasty'] })]
    for (const _ of [1, 2, 3]) expect(await outcome(bearer(one))).toBe(all)
    const response = await gateway.gateway.app.inject({ url: '/graphql', headers: bearer(one) })
    expect([response.statusCode, response.json().errors[0].extensions.code]).toEqual([429, 'RATE_LIMITED'])
    expect(Number(response.headers['retry-after'])).toBeGreaterThan(0)
    expect(await outcome(bearer(other))).toBe(all)
  })

  test('that cannot be looked up is not refused but told to come again', async () => {
    const broken = await new TestGateway(new Map([['duckdb', warehouses.duckdb]])).start({
      authentication: { verifiers: [keyVerifier({ find: async () => Promise.reject(new Error('down')) })] },
    })
    expect(await outcome(bearer((await made()).key), broken)).toEqual([503, 'AUTHENTICATION_UNAVAILABLE'])
    await broken.gateway.close()
  })
})

describe('a token', () => {
  const claims = { shop: 'other', access: { groups: ['Everyone', 'Shop People'] } }
  const signed = (payload: Record<string, unknown> = {}, by = signer, header = { alg: 'RS256', kid: 'first' }) => {
    const now = Math.floor(Date.now() / 1000)
    const standard = { iss: 'https://id.example.com/', aud: 'goldgate', sub: 'somebody', exp: now + 60, ...claims }
    return new SignJWT({ ...standard, ...payload }).setProtectedHeader(header).sign(by)
  }
  const seconds = (n: number) => Math.floor(Date.now() / 1000) + n

  test('gives the role that its groups map to, and its claims to the rules', async () => {
    expect(await outcome(bearer(await signed()))).toBe('other')
    expect(await outcome(basic(await signed()))).toBe('other')
    expect(await outcome(bearer(await signed({ shop: undefined })))).toEqual([403, 'FORBIDDEN'])
    expect(await outcome(bearer(await signed({ access: { groups: 'demo' } })))).toBe('demo')
  })

  test('of nobody here, or that calls itself unrestricted, reads nothing', async () => {
    for (const groups of [undefined, [], ['Everyone'], ['unrestricted'], ['constructor'], 7])
      expect(await outcome(bearer(await signed({ access: { groups } })))).toEqual([403, 'FORBIDDEN'])
  })

  test.each([
    ['has expired', () => signed({ exp: seconds(-10) })],
    ['never expires', () => signed({ exp: undefined })],
    ['is not good yet', () => signed({ nbf: seconds(60) })],
    ['is for another audience', () => signed({ aud: 'others' })],
    ['is of another issuer', () => signed({ iss: 'https://evil.example.com/' })],
    [
      'nobody signed',
      async () =>
        new UnsecuredJWT({ ...claims, aud: 'goldgate' })
          .setIssuer('https://id.example.com/')
          .setExpirationTime('1m')
          .encode(),
    ],
    ['somebody else signed', async () => signed({}, (await key('first')).privateKey)],
    [
      'is signed with the public key as a shared secret',
      async () => signed({}, new TextEncoder().encode(publicPem) as never, { alg: 'HS256', kid: 'first' }),
    ],
    ['names a key that the issuer does not have', () => signed({}, signer, { alg: 'RS256', kid: 'nobody' })],
    ['is cut', async () => (await signed()).slice(0, -5)],
    ['is no token', async () => 'a.b.c'],
  ])('that %s is refused', async (_, token) => {
    expect(await outcome(bearer(await token()))).toEqual([401, 'UNAUTHENTICATED'])
    expect(warehouses.duckdb.readings).toEqual([])
  })

  test('that a key of its issuer signed in a way that is not taken is refused', async () => {
    const before = jwks
    const { publicKey, privateKey } = await generateKeyPair('PS256', { extractable: true })
    // Without `alg`, it is good for every way of signing with RSA.
    jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'any' }] }
    const fresh = await start(undefined, 0)
    try {
      const signedBy = async (alg: 'RS256' | 'PS256') => {
        const by = await importPKCS8(await exportPKCS8(privateKey), alg)
        return outcome(bearer(await signed({}, by, { alg, kid: 'any' })), fresh)
      }
      expect([await signedBy('RS256'), await signedBy('PS256')]).toEqual(['other', [401, 'UNAUTHENTICATED']])
    } finally {
      jwks = before
      await fresh.gateway.close()
    }
  })

  test('is good within the tolerance of clocks', async () => {
    expect(await outcome(bearer(await signed({ exp: seconds(-2) })))).toBe('other')
  })

  test('may be signed by a key that the issuer took up since, and not by one that it gave up', async () => {
    const hasty = await start(undefined, 0)
    const before = jwks
    try {
      expect(await outcome(bearer(await signed()), hasty)).toBe('other')
      const second = await key('second')
      jwks = { keys: [second.jwk] }
      const header = { alg: 'RS256', kid: 'second' }
      expect(await outcome(bearer(await signed({}, second.privateKey, header)), hasty)).toBe('other')
      expect(await outcome(bearer(await signed()), hasty)).toEqual([401, 'UNAUTHENTICATED'])
    } finally {
      jwks = before
      await hasty.gateway.close()
    }
  })

  test('without a subject shares its limit of requests with those of its address only', async () => {
    const nameless = bearer(await signed({ sub: undefined, access: { groups: 'hasty' } }))
    const another = bearer(await signed({ sub: undefined, access: { groups: 'hasty' }, jti: '2' }))
    const named = bearer(await signed({ access: { groups: 'hasty' } }))
    const from = async (remoteAddress: string, headers: Record<string, string>) =>
      (await gateway.gateway.app.inject({ url: '/openapi.json', headers, remoteAddress })).statusCode
    for (const headers of [nameless, another, nameless]) expect(await from('10.9.0.1', headers)).toBe(200)
    expect(await from('10.9.0.1', another)).toBe(429)
    expect(await from('10.9.0.2', another)).toBe(200)
    expect(await from('10.9.0.1', named)).toBe(200)
  })

  test('with a forged name of a key makes no flood of questions to the issuer', async () => {
    await outcome(bearer(await signed()))
    const reads = jwksReads
    for (let i = 0; i < 20; i++) await outcome(bearer(await signed({}, signer, { alg: 'RS256', kid: `forged${i}` })))
    expect(jwksReads - reads).toBeLessThanOrEqual(1)
  })

  test('whose keys cannot be read is not refused but told to come again', async () => {
    jwksStatus = 500
    const fresh = await start(undefined, 0)
    expect(await outcome(bearer(await signed()), fresh)).toEqual([503, 'AUTHENTICATION_UNAVAILABLE'])
    await fresh.gateway.close()
  })
})
