import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ApolloServer } from '@apollo/server'
import { fastifyApolloHandler } from '@as-integrations/fastify'
import { type FastifyInstance, fastify, type InjectOptions } from 'fastify'
import { parse, print } from 'graphql'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { goldModels } from '../../models/gold/index.js'
import type { GoldModel } from '../../models/types.js'
import { createSchema, defaultLimits, type Limits, RequestContext } from '../../resolvers/index.js'
import { openTestWarehouses, TestGateway, type TestWarehouses } from '../../tests/fixtures/gateway/gateway.js'
import { behindKnownHeads, type Target } from '../../tests/fixtures/gateway/known-heads.js'
import { relatedRows } from '../../tests/fixtures/gateway/related-rows.js'
import { sampleRows } from '../../tests/fixtures/gateway/sample.js'
import type { GatewaySettings } from './settings.js'

/** What an attacker gets: `got` where he has what he wanted. */
type Outcome = 'got' | readonly [status: number, code: unknown] | 'unreadable'

interface Defence {
  readonly name: string
  readonly attack: (target: Target) => Promise<Outcome>
  /** Everything else is as it is by default. */
  readonly off: Partial<GatewaySettings> | 'apollo'
  readonly on?: Partial<GatewaySettings>
  /** Needs relations; the others have one model, which makes a gateway quickly. */
  readonly related?: true
  /** Where its head must not be known: an export is no question, and with a safelist bodies are looked at. */
  readonly known?: false
  readonly refused: Exclude<Outcome, 'got'>
}

const json = { 'content-type': 'application/json' }
const post = (payload: unknown, headers: Record<string, string> = json): InjectOptions => ({
  ...{ method: 'POST', url: '/graphql', headers },
  payload: JSON.stringify(payload),
})

/** Asks what a good client could ask too, were it smaller. */
const asking =
  (request: InjectOptions, wanted: (body: string) => boolean = (body) => !body.includes('"errors"')) =>
  async (target: Target): Promise<Outcome> => {
    const { statusCode, body } = await target.inject(request)
    if (statusCode === 200 && wanted(body)) return 'got'
    return [statusCode, JSON.parse(body).errors[0].extensions.code]
  }
const question = (query: string, variables?: unknown) => asking(post({ query, variables }))
const exporting = (query: string) => asking({ ...post({ query }), url: '/export' })
const many = (n: number, each: (i: number) => string): string => Array.from({ length: n }, (_, i) => each(i)).join(' ')
const nested = (n: number, open: string, inner: string, close: string): string =>
  `${open.repeat(n)}${inner}${close.repeat(n)}`
const nestedNot = (n: number): object => (n === 0 ? { source: { eq: 'demo' } } : { not: nestedNot(n - 1) })

/** As a browser does it for a page of another origin: a preflight, then the question, whose answer the page sees where the browser is told so. */
const aPageOf =
  (origin: string) =>
  async (target: Target): Promise<Outcome> => {
    const asks = { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' }
    const allowed = (headers: Readonly<Record<string, unknown>>) =>
      ['*', origin].some((each) => each === headers['access-control-allow-origin'])
    const preflight = await target.inject({ method: 'OPTIONS', url: '/graphql', headers: asks })
    if (preflight.statusCode >= 300 || !allowed(preflight.headers)) return 'unreadable'
    const answer = await target.inject(post({ query: some }, { ...json, origin }))
    return allowed(answer.headers) && answer.body.includes('"netRevenue"') ? 'got' : 'unreadable'
  }

/** One more than a caller may ask, the last of which counts. */
const repeating =
  (times: number, request: InjectOptions, wanted: number) =>
  async (target: Target): Promise<Outcome> => {
    const answers = []
    for (let i = 0; i < times; i++) answers.push(await target.inject(request))
    const [last] = answers.slice(-1)
    if (!last || last.statusCode === wanted) return 'got'
    return [last.statusCode, last.json().errors[0].extensions.code]
  }

const some = '{ dailyRevenue(first: 1) { nodes { netRevenue } } }'
const filtered = 'query ($w: DailyRevenueWhere) { dailyRevenue(first: 1, where: $w) { nodes { source } } }'
const without = (limits: Partial<Limits>) => ({ limits })
const authentication = (failuresPerMinute: number) => ({
  verifiers: [{ takes: () => true, verify: async () => undefined }],
  failuresPerMinute,
})
const oneModel: readonly GoldModel[] = goldModels.filter(({ name }) => name === 'daily_revenue')
/** A stored operation, which every gateway answers here. */
const stored = '# path: some\n# Some.\nquery Some { dailyRevenue { nodes { source } } }'
let folder: string

const defences: readonly Defence[] = [
  {
    name: 'introspection: reading the whole schema',
    attack: question('{ __schema { types { name } } }'),
    off: { introspection: true },
    on: { introspection: false },
    refused: [400, 'GRAPHQL_VALIDATION_FAILED'],
  },
  {
    name: 'CORS: a page of another origin that reads answers in somebody’s browser',
    attack: aPageOf('https://evil.example.com'),
    off: { cors: { origins: ['*'] } },
    refused: 'unreadable',
  },
  {
    name: 'CSRF: a question that a form of another page sends as text',
    attack: asking(post({ query: some }, { 'content-type': 'text/plain' })),
    off: 'apollo',
    refused: [400, 'BAD_REQUEST'],
  },
  {
    name: 'CSRF: a question that an image of another page asks for',
    attack: asking({ url: `/graphql?${new URLSearchParams({ query: some })}` }),
    off: 'apollo',
    refused: [400, 'BAD_REQUEST'],
  },
  {
    name: 'batching: a hundred questions in one request',
    attack: asking(post(Array.from({ length: 100 }, () => ({ query: some })))),
    off: 'apollo',
    refused: [400, 'BAD_REQUEST'],
  },
  {
    name: 'body size: two megabytes to be parsed',
    attack: asking(post({ query: some, variables: { x: 'x'.repeat(2_000_000) } })),
    off: without({ bodyBytes: 1e8 }),
    refused: [413, 'REQUEST_TOO_LARGE'],
  },
  {
    name: 'aliases: one field computed forty times',
    attack: question(`{ dailyRevenue(first: 1) { ${many(40, (i) => `a${i}: totalCount`)} } }`),
    off: without({ aliases: 1e6 }),
    refused: [400, 'QUERY_TOO_LARGE'],
  },
  {
    name: 'aliases: one field forty times, each of which is compared with all others',
    attack: question(`{ dailyRevenue(first: 1) { nodes { ${'source '.repeat(40)} } } }`),
    off: without({ aliases: 1e6 }),
    refused: [400, 'QUERY_TOO_LARGE'],
  },
  {
    name: 'root fields: twenty-one statements in one request',
    attack: question(`{ ${many(21, (i) => `a${i}: dailyRevenue(first: ${i + 1}) { totalCount }`)} }`),
    off: without({ rootFields: 1e6 }),
    refused: [400, 'QUERY_TOO_LARGE'],
  },
  {
    name: 'depth: relations there and back',
    attack: question(
      `{ factSales(first: 1) { nodes { ${nested(4, 'customer { sales(first: 1) { nodes { ', 'saleId', '} } }')} } } }`,
    ),
    off: without({ depth: 1e6 }),
    related: true,
    refused: [400, 'QUERY_TOO_DEEP'],
  },
  {
    name: 'cost: fragments that double what they select, eleven times',
    attack: question(
      `{ dailyRevenue(first: 1) { ...F0 } } ${many(10, (i) => `fragment F${i} on DailyRevenueConnection { ...F${i + 1} a: nodes { source } ...F${i + 1} }`)} fragment F10 on DailyRevenueConnection { nodes { source netRevenue } }`,
    ),
    off: without({ fields: 1e9, aliases: 1e9 }),
    refused: [400, 'QUERY_TOO_LARGE'],
  },
  {
    name: 'aliases: one column exported forty times',
    attack: exporting(`{ dailyRevenue { nodes { ${many(40, (i) => `a${i}: source`)} } } }`),
    off: without({ aliases: 1e6 }),
    known: false,
    refused: [400, 'QUERY_TOO_LARGE'],
  },
  {
    name: 'cost: fragments that double what they export, ten times',
    attack: exporting(
      `{ dailyRevenue { nodes { ...F0 } } } ${many(10, (i) => `fragment F${i} on DailyRevenue { ...F${i + 1} source ...F${i + 1} }`)} fragment F10 on DailyRevenue { netRevenue }`,
    ),
    off: without({ fields: 1e9, aliases: 1e9 }),
    known: false,
    refused: [400, 'QUERY_TOO_LARGE'],
  },
  {
    name: 'depth: what belongs to rows, exported beside them',
    attack: exporting('{ inventoryRisk { nodes { product { categoryTotal { netRevenue } } } } }'),
    off: {},
    on: without({ depth: 4 }),
    related: true,
    known: false,
    refused: [400, 'QUERY_TOO_DEEP'],
  },
  {
    name: 'cost: a page of everything',
    attack: question('{ dailyRevenue(first: 100000) { nodes { source } } }'),
    off: without({ maxPageSize: 1e6 }),
    refused: [200, 'PAGE_TOO_LARGE'],
  },
  {
    name: 'cost: lists in lists, which multiply',
    attack: question('{ customerLifetimeValue(first: 100) { nodes { sales(first: 1000) { nodes { saleId } } } } }'),
    off: without({ relatedRows: 1e9 }),
    related: true,
    refused: [200, 'PAGE_TOO_LARGE'],
  },
  {
    name: 'tokens: a document of five thousand words',
    attack: question(
      `{ dailyRevenue(first: 1, where: { source: { in: [${many(4900, (i) => `"s${i}"`)}] } }) { totalCount } }`,
    ),
    off: without({ tokens: 1e9 }),
    refused: [400, 'QUERY_TOO_LARGE'],
  },
  {
    name: 'brackets: a value nested deeper than readers like it',
    attack: question(
      `{ dailyRevenue(first: 1, where: ${nested(260, '{not:', '{source:{eq:"demo"}}', '}')}) { nodes { source } } }`,
    ),
    off: without({ brackets: 1e6, filterDepth: 1e6, conditions: 1e6 }),
    refused: [400, 'QUERY_TOO_DEEP'],
  },
  {
    name: 'variables: fifty thousand values',
    attack: question(filtered, { w: { source: { in: Array.from({ length: 50_000 }, (_, i) => `s${i}`) } } }),
    off: without({ variableValues: 1e9, values: 1e9 }),
    refused: [400, 'QUERY_TOO_LARGE'],
  },
  {
    name: 'variables: a value nested forty levels deep',
    attack: question(filtered, { w: nestedNot(40) }),
    off: without({ variableDepth: 1e6, filterDepth: 1e6 }),
    refused: [400, 'QUERY_TOO_DEEP'],
  },
  {
    name: 'filters: three hundred conditions',
    attack: question(filtered, { w: { or: Array.from({ length: 300 }, (_, i) => ({ source: { eq: `s${i}` } })) } }),
    off: without({ conditions: 1e6 }),
    refused: [200, 'FILTER_TOO_LARGE'],
  },
  {
    name: 'host: a page whose own name was pointed at this machine',
    attack: asking(post({ query: some }, { ...json, host: 'rebound.example.com:4000' })),
    off: { allowedHosts: ['rebound.example.com'] },
    refused: [403, 'HOST_NOT_ALLOWED'],
  },
  {
    name: 'safelist: a question of one’s own',
    attack: question(some),
    off: { safelist: false },
    on: { safelist: true },
    known: false,
    refused: [403, 'OPERATION_NOT_ALLOWED'],
  },
  {
    name: 'rate: six questions in a minute',
    attack: repeating(6, post({ query: some }), 200),
    off: {},
    on: without({ requestsPerMinute: 5 }),
    refused: [429, 'RATE_LIMITED'],
  },
  {
    name: 'guesses: six keys in a minute, each of which is looked up',
    attack: repeating(6, post({ query: some }, { ...json, 'x-api-key': 'guessed' }), 401),
    off: { authentication: authentication(0) },
    on: { authentication: authentication(5) },
    refused: [429, 'RATE_LIMITED'],
  },
  {
    name: 'authentication: a question of a stranger',
    attack: question(some),
    off: {},
    on: { authentication: authentication(60) },
    refused: [401, 'UNAUTHENTICATED'],
  },
]

let warehouses: TestWarehouses
let byDefault: TestGateway
let apollo: { readonly app: FastifyInstance; readonly server: ApolloServer<RequestContext> }

beforeAll(async () => {
  warehouses = await openTestWarehouses((shift) => ({ ...relatedRows(shift), ...sampleRows(shift) }))
  folder = await mkdtemp(join(tmpdir(), 'goldgate operations '))
  await writeFile(join(folder, 'some.graphql'), stored)
  byDefault = await start()
  apollo = await withoutDefences()
})
afterAll(async () => {
  await byDefault?.gateway.close()
  await apollo?.server.stop()
  await apollo?.app.close()
  await warehouses?.close()
  if (folder) await rm(folder, { recursive: true, force: true })
})

const start = (settings: Partial<GatewaySettings> = {}, models = oneModel) =>
  new TestGateway(new Map([['duckdb', warehouses.duckdb]])).start({ operations: [folder], models, ...settings })

/** The same schema behind Apollo Server with what has no setting here turned off, and a parser that takes any text for JSON. */
async function withoutDefences() {
  const { warehouses: named, catalog } = byDefault
  const server = new ApolloServer<RequestContext>({
    ...{ schema: createSchema(oneModel), csrfPrevention: false, allowBatchedHttpRequests: true },
    stopOnTerminationSignals: false,
  })
  await server.start()
  const app = fastify()
  app.addContentTypeParser('text/plain', { parseAs: 'string' }, (_, body, done) => done(null, JSON.parse(String(body))))
  const services = { warehouses: named, defaultWarehouse: 'duckdb', catalog, models: oneModel, limits: defaultLimits }
  const context = async () => new RequestContext(services)
  app.route({ method: ['GET', 'POST'], url: '/graphql', handler: fastifyApolloHandler(server, { context }) as never })
  return { app, server }
}

test.each(defences)('$name', async ({ attack, off, on, related, known, refused }) => {
  const models = related && goldModels
  const open = off === 'apollo' ? undefined : await start(off, models)
  const shut = on || related ? await start(on, models) : byDefault
  try {
    expect(await attack(open?.gateway.app ?? apollo.app)).toBe('got')
    warehouses.duckdb.readings.length = 0
    expect(await attack(shut.gateway.app)).toEqual(refused)
    const behind = await behindKnownHeads(shut, print(parse(stored)), { known })
    expect(await attack(behind), 'behind a known head').toEqual(refused)
  } finally {
    await open?.gateway.close()
    if (shut !== byDefault) await shut.gateway.close()
  }
})
