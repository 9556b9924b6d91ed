import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { ConfigFolder, VALID } from '../../tests/setup/config-folder.js'
import { packageRoot } from '../../warehouses/package-root.js'

let folder: ConfigFolder
beforeEach(() => {
  folder = new ConfigFolder()
})
afterEach(() => folder.remove())

const load = (settings: object) =>
  folder.load(
    `${VALID}\n${Object.entries(settings)
      .map(([key, value]) => `    ${key}: ${JSON.stringify(value)}\n`)
      .join('')}`,
  )

test('the example of docs/security.md is a valid configuration', () => {
  const text = readFileSync(join(packageRoot(), 'docs', 'security.md'), 'utf8')
  const [, example = ''] = /^```yaml\n(.*?)^```$/ms.exec(text) ?? []
  const { gateway, roles } = load(parse(example).profiles.local)
  expect(gateway.host).toBe('0.0.0.0')
  expect(roles.map(({ name }) => name)).toEqual(['analyst', 'public', 'vienna'])
  expect(roles[2]?.rows.country).toEqual({ in: '$claims.country', visibleWithout: ['daily_revenue'] })
})

const analyst = (role: object) => ({ roles: { analyst: role } })

describe('a mistake in a role is named with the role and the key:', () => {
  test.each([
    [
      'a model',
      { models: ['daily_revenu'] },
      'models[0]: there is no model "daily_revenu"; did you mean "daily_revenue"?',
    ],
    [
      'a dimension',
      { rows: { contry: { eq: 'AT' } } },
      'rows.contry: no model has a column "contry"; did you mean "country"?',
    ],
    [
      'a model of a dimension',
      { rows: { 'daily.source': { eq: 'demo' } } },
      'rows.daily.source: there is no model "daily"',
    ],
    ['a column of a model', { hide: ['daily_revenue.email'] }, 'hide[0]: daily_revenue has no column "email"'],
    ['a measure as a rule', { rows: { net_revenue: { eq: 1 } } }, 'rows.net_revenue: is no dimension'],
    ['no condition', { rows: { source: {} } }, 'rows.source: takes one of "eq" and "in"'],
    ['nearly a claim', { rows: { source: { eq: '$claim.shop' } } }, 'rows.source.eq: is nearly a claim'],
    ['nearly a claim in a list', { rows: { source: { in: ['claims.shop'] } } }, 'rows.source.in[0]: is nearly a claim'],
    [
      'no value',
      { rows: { source: { eq: null } } },
      'rows.source.eq: must be a text, a number, true, false or a claim',
    ],
    [
      'no value in a list',
      { rows: { source: { in: [null] } } },
      'rows.source.in: must be a list of texts, numbers, true or false, or a claim',
    ],
    ['two conditions', { rows: { source: { eq: 'a', in: ['b'] } } }, 'rows.source: takes one of "eq" and "in"'],
    ['an empty list', { rows: { source: { in: [] } } }, 'rows.source.in: '],
    ['a list as text', { rows: { source: { in: 'demo' } } }, 'rows.source.in: '],
    ['a number for text', { rows: { source: { in: [7] } } }, 'rows.source: 7 is no value of'],
    [
      'a value of no closed list',
      { rows: { stock_status: { eq: 'gone' } } },
      'rows.stock_status: "gone" is no value of',
    ],
    ['a hidden key', { hide: ['customer_id'] }, 'hide[0]: customer_id is part of the key or the order of'],
    [
      'a hidden default order',
      { hide: ['fact_sales.order_date'] },
      'hide[0]: order_date is part of the key or the order',
    ],
    [
      'an exception for a model that has the dimension',
      { rows: { source: { eq: 'demo', visibleWithout: ['daily_revenue'] } } },
      'rows.source.visibleWithout[0]: daily_revenue has source: the rule holds there',
    ],
    ['nothing left to see', { models: ['daily_revenue'], rows: { country: { eq: 'AT' } } }, 'analyst: sees no model'],
    ['a looser limit', { limits: { maxPageSize: 5000 } }, 'limits.maxPageSize: is more than the 1000 of'],
    ['a key nobody knows', { limit: {} }, 'limit: no such key; did you mean "limits"?'],
  ])('%s', (_, role, message) => {
    expect(() => load(analyst(role))).toThrow(
      message.startsWith('analyst') ? message : `profiles.local.roles.analyst.${message}`,
    )
  })

  test('the built-in role cannot be another one', () => {
    expect(() => load({ roles: { unrestricted: {} } })).toThrow('built-in role')
  })
})

describe('authentication', () => {
  const jwt = { jwksUrl: 'https://id.example.com/keys', issuer: 'me', audience: 'goldgate' }
  const gateway = (authentication: object, more: object = {}) => ({ gateway: { authentication, ...more } })

  test('lets the gateway listen beyond this machine, unless strangers could read everything all the same', () => {
    const beyond = { host: '0.0.0.0' }
    expect(load(gateway({ keys: true }, beyond)).gateway.host).toBe('0.0.0.0')
    expect(load(gateway({ jwt }, beyond)).gateway.host).toBe('0.0.0.0')
    for (const open of [{}, { anonymous: 'unrestricted' }, { keys: true, anonymous: 'unrestricted' }])
      expect(() => load(gateway(open, beyond))).toThrow('profiles.local.gateway.host: ')
  })

  test.each([
    ['a shared secret', { jwt: { ...jwt, algorithms: ['HS256'] } }, 'jwt.algorithms[0]: '],
    ['no signature', { jwt: { ...jwt, algorithms: ['none'] } }, 'jwt.algorithms[0]: '],
    [
      'keys that anybody between could change',
      { jwt: { ...jwt, jwksUrl: 'http://id.example.com/' } },
      'jwt.jwksUrl: must be https',
    ],
    ['no audience', { jwt: { ...jwt, audience: undefined } }, 'jwt.audience: is missing'],
    ['a role that is not there', { anonymous: 'public' }, 'anonymous: there is no role "public"'],
    [
      'a value for a role that is not there',
      { jwt: { ...jwt, roles: { x: 'y' } } },
      'jwt.roles.x: there is no role "y"',
    ],
  ])('does not take %s', (_, authentication, message) => {
    expect(() => load(gateway(authentication))).toThrow(`profiles.local.gateway.authentication.${message}`)
  })
})

describe('settings that do not go together are refused:', () => {
  const demo = { demo: { rows: { source: { eq: 'demo' } } } }
  const shop = { shop: { rows: { source: { eq: '$claims.shop' } } } }

  test('roles, where strangers may come and nobody is asked who they are', () => {
    const exposed = { host: '0.0.0.0', exposed: true }
    expect(() => load({ gateway: exposed, roles: demo })).toThrow('profiles.local.roles: hold for nobody')
    for (const authentication of [{ keys: true }, { anonymous: 'demo' }])
      expect(load({ gateway: { ...exposed, authentication }, roles: demo }).roles).toHaveLength(1)
    expect(load({ roles: demo }).roles).toHaveLength(1)
  })

  test('a claim, of those who say nothing of themselves', () => {
    const given = { gateway: { authentication: { keys: true, anonymous: 'shop' } }, roles: shop }
    expect(() => load(given)).toThrow('authentication.anonymous: the role "shop" reads the claim "shop" (rows.source)')
  })

  test('all origins, where nobody is asked who they are', () => {
    const cors = { origins: ['*'] }
    expect(() => load({ gateway: { cors } })).toThrow('profiles.local.gateway.cors.origins: "*" lets every page')
    expect(load({ gateway: { cors, authentication: { keys: true } } }).gateway.cors).toEqual(cors)
  })

  test.each([
    'https://bi.example.com/',
    'https://bi.example.com/path',
    'bi.example.com',
    'ftp://a.example',
    'null',
    '',
  ])('an origin that no browser sends: %j', (origin) => {
    expect(() => load({ gateway: { cors: { origins: [origin] } } })).toThrow('gateway.cors.origins[0]: is no origin')
  })

  test.each(['https://*.example.com', 'http://localhost:*', '*.example.com', '**'])(
    'an origin with a star in it: %j',
    (origin) => {
      expect(() => load({ gateway: { cors: { origins: [origin] } } })).toThrow(
        'gateway.cors.origins[0]: has a "*" in it, which would never match: write each origin out',
      )
    },
  )

  test('origins as browsers send them are taken', () => {
    const origins = ['https://bi.example.com', 'http://localhost:3000', 'https://[::1]:8443']
    expect(load({ gateway: { cors: { origins } } }).gateway.cors.origins).toEqual(origins)
  })
})
