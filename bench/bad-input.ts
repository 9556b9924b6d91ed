import { once } from 'node:events'
import { connect } from 'node:net'
import { createRandom, type Random } from '../pipeline/sources/demo/random.js'
import type { Benchmark } from './bench.js'
import { Servers } from './servers/start.js'
import { memoryOf, Workspace } from './workspace.js'

const SECONDS = Number(process.env.GOLDGATE_BENCH_SECONDS ?? 300)
const CONNECTIONS = 8
const SAMPLE_MS = 1_000
/** On a large machine V8 collects late, and what is taken says little. */
const HEAP_MB = 256
/** Of answers. It is full soon, as is the room for documents in the first half. */
const CACHE_MB = 4

/** A request that is wrong, no two of a kind with the same text, so that no cache answers it. */
interface Bad {
  readonly name: string
  /** Codes that it may be answered with; an empty list: data, and no error. */
  readonly codes: readonly string[]
  send(url: string, random: Random): Promise<Answered>
}

interface Answered {
  readonly codes: readonly string[]
  readonly text: string
}

const word = (random: Random): string => `w${random.below(1e9).toString(36)}`
const repeated = (n: number, each: (i: number) => string): string =>
  Array.from({ length: n }, (_, i) => each(i)).join(' ')
const nested = (n: number, open: string, inner: string, close: string): string =>
  open.repeat(n) + inner + close.repeat(n)
const injected = (random: Random): string => `${word(random)}' OR '1'='1'; DROP TABLE gold; --`

async function send(url: string, init: RequestInit): Promise<Answered> {
  const response = await fetch(url, init)
  const text = await response.text()
  const { errors = [] } = JSON.parse(text) as {
    errors?: readonly { readonly extensions?: { readonly code?: string } }[]
  }
  return { codes: errors.map(({ extensions }) => extensions?.code ?? 'no code'), text }
}

const post = (url: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answered> =>
  send(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })

const question = (
  name: string,
  codes: readonly string[],
  text: (random: Random) => string,
  variables?: (random: Random) => object,
): Bad => ({
  name,
  codes,
  send: (url, random) => post(url, { query: text(random), ...(variables && { variables: variables(random) }) }),
})

const invalid = 'GRAPHQL_VALIDATION_FAILED'
const some = '{ nodes { source } }'
const dated = 'query ($d: Date) { dailyRevenue(first: 1, where: { revenueDate: { gte: $d } }) { nodes { source } } }'

/** What issue trackers and attackers send: each kind has a clear error with a code, or is answered as what it is, a text that no row holds. */
const kinds: readonly Bad[] = [
  question('unknown field', [invalid], (random) => `{ dailyRevenue(first: 1) { nodes { ${word(random)} } } }`),
  question('unknown model', [invalid], (random) => `{ ${word(random)} ${some} }`),
  question('unknown dimension', [invalid], (random) => `{ dailyRevenueBy { nodes { ${word(random)} netRevenue } } }`),
  question('unknown order', [invalid], (random) => `{ dailyRevenue(orderBy: [{ field: ${word(random)} }]) ${some} }`),
  question(
    'unknown warehouse',
    ['WAREHOUSE_UNKNOWN'],
    (random) => `{ dailyRevenue(warehouse: "${word(random)}") ${some} }`,
  ),
  question('unknown build', ['BUILD_UNKNOWN'], (random) => `{ dailyRevenue(build: "${word(random)}") ${some} }`),
  question('unknown variable', [invalid], (random) => `{ dailyRevenue(first: $${word(random)}) ${some} }`),
  question(
    'garbage for a cursor',
    ['CURSOR_INVALID'],
    (random) => `{ dailyRevenue(first: 1, after: "${word(random)}") ${some} }`,
  ),
  question(
    'page too large',
    ['PAGE_TOO_LARGE'],
    (random) => `{ dailyRevenue(first: ${1001 + random.below(1e9)}) ${some} }`,
  ),
  question(
    'nothing to compare with',
    ['COMPARISON_INVALID'],
    (random) => `{ dailyRevenueBy(first: 1) { nodes { source previous { netRevenue } } } } # ${word(random)}`,
  ),
  question(
    'impossible filter',
    [],
    (random) => `{ dailyRevenue(where: { netRevenue: { gt: "${random.below(1e9)}", lt: "-1" } }) ${some} }`,
  ),
  question(
    'no conditions',
    ['FILTER_INVALID'],
    (random) => `{ dailyRevenue(where: { or: [] }) ${some} } # ${word(random)}`,
  ),
  question(
    'not a number',
    ['BAD_USER_INPUT'],
    () => 'query ($n: Decimal) { dailyRevenue(where: { netRevenue: { eq: $n } }) { totalCount } }',
    (random) => ({ n: `NaN${random.below(1e9)}` }),
  ),
  question(
    'no day',
    ['BAD_USER_INPUT'],
    () => dated,
    (random) => ({ d: `2023-02-${30 + random.below(60)}` }),
  ),
  question(
    'a year out of range',
    ['BAD_USER_INPUT'],
    () => dated,
    (random) => ({ d: `${10_000 + random.below(1e6)}-01-01` }),
  ),
  question(
    '5,000 aliases',
    ['QUERY_TOO_LARGE'],
    (random) => `{ ${repeated(5_000, (i) => `${word(random)}${i}: dailyRevenue(first: 1) ${some}`)} }`,
  ),
  question(
    'depth 50',
    ['QUERY_TOO_DEEP', invalid],
    (random) =>
      `{ factSales(first: 1) { nodes { ${nested(50, 'customer { sales(first: 1) { nodes { ', word(random), '} } }')} } } }`,
  ),
  question(
    '10,000 brackets',
    ['QUERY_TOO_DEEP'],
    (random) =>
      `{ dailyRevenue(first: 1, where: ${nested(10_000, '{not:', `{source:{eq:"${word(random)}"}}`, '}')}) ${some} }`,
  ),
  question(
    'injection in a value',
    [],
    () => 'query ($v: String!) { productSalesPerformance(where: { productName: { contains: $v } }) { totalCount } }',
    (random) => ({ v: injected(random) }),
  ),
  question(
    'injection in the name of a build',
    ['BUILD_UNKNOWN'],
    (random) => `{ dailyRevenue(build: "${injected(random)}") ${some} }`,
  ),
  question(
    'injection in an order',
    ['GRAPHQL_PARSE_FAILED'],
    (random) => `{ dailyRevenue(orderBy: [{ field: ${injected(random)} }]) ${some} }`,
  ),
  {
    name: 'injection in a header',
    codes: ['WAREHOUSE_UNKNOWN'],
    send: (url, random) =>
      post(url, { query: `{ dailyRevenue(first: 1) ${some} }` }, { 'x-goldgate-warehouse': injected(random) }),
  },
  {
    name: 'ten megabytes',
    codes: ['REQUEST_TOO_LARGE'],
    send: (url, random) => post(url, { query: word(random).padEnd(10_000_000, 'x') }),
  },
  { name: 'no JSON', codes: ['BAD_REQUEST'], send: (url, random) => post(url, `{"query": ${word(random)}`) },
  { name: 'unknown operation', codes: ['NOT_FOUND'], send: (url, random) => send(`${url}/api/v1/${word(random)}`, {}) },
  {
    name: 'parameter of a stored operation',
    codes: ['BAD_USER_INPUT'],
    send: (url, random) => send(`${url}/api/v1/revenue/daily?limit=${word(random)}`, {}),
  },
  {
    name: 'an export of nothing',
    codes: [invalid],
    send: (url, random) =>
      send(`${url}/export`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: `{ dailyRevenue { nodes { ${word(random)} } } }` }),
      }),
  },
  { name: 'no HTTP', codes: ['BAD_REQUEST'], send: noHttp },
]

async function noHttp(url: string, random: Random): Promise<Answered> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  let text = ''
  socket.setEncoding('utf8').on('data', (piece: string) => {
    text += piece
  })
  socket.end(`${word(random)}\r\n\r\n`)
  await once(socket, 'close')
  return { codes: text.includes('BAD_REQUEST') ? ['BAD_REQUEST'] : ['no code'], text }
}

/** What no answer to a stranger may hold: where the code lies, and what engines and drivers call their errors. */
const internals = /node_modules|\.[jt]s:\d+|at \w+ \(|duckdb_|SQLSTATE|Binder Error|Parser Error/

export const badInputBenchmark: Benchmark = {
  name: 'bad-input',
  describes: `${SECONDS} s of ${kinds.length} kinds of wrong requests, ${CONNECTIONS} at a time, each with other texts: what they are answered with, and the memory that they leave taken`,
  async run(say) {
    const workspace = await Workspace.create(['duckdb'], { gateway: { cache: { megabytes: CACHE_MB } } })
    const servers = new Servers()
    try {
      await workspace.command('generate', '--out', workspace.data)
      await workspace.command('run')
      const gateway = workspace.start(['serve'], undefined, [`--max-old-space-size=${HEAP_MB}`])
      const url = await servers.take(gateway, /(http:\/\/127\.0\.0\.1:\d+)/)
      const started = performance.now()
      const isOver = () => performance.now() - started > SECONDS * 1000
      let answered = 0
      const wrong = new Map<string, string>()
      const ask = async (n: number): Promise<void> => {
        const random = createRandom(n, 'bad input')
        while (!isOver()) {
          const bad = random.pick(kinds)
          const { codes, text } = await bad.send(url, random).catch((error: unknown) => ({
            codes: ['no answer'],
            text: `${error} ${error instanceof Error ? error.cause : ''}`,
          }))
          answered += 1
          const isAsExpected =
            codes.length === 0 ? bad.codes.length === 0 : codes.every((code) => bad.codes.includes(code))
          if (!isAsExpected || internals.test(text)) wrong.set(bad.name, `${codes.join(', ')}: ${text.slice(0, 300)}`)
        }
      }
      const heap: number[] = []
      let resident = 0
      const sample = async (): Promise<void> => {
        resident = Math.max(resident, await memoryOf(gateway.pid ?? 0, 'VmRSS'))
        const metrics = await (await fetch(`${url}/metrics`)).text()
        heap.push(Number(/^nodejs_heap_size_used_bytes (\S+)/m.exec(metrics)?.[1]) / 2 ** 20)
      }
      const sampling = setInterval(() => void sample().catch(() => undefined), SAMPLE_MS)
      await Promise.all(Array.from({ length: CONNECTIONS }, (_, n) => ask(n + 1)))
      clearInterval(sampling)
      for (const [name, what] of wrong) say(`${name} was answered with ${what}`)
      const quarter = (n: number) => Math.min(...heap.slice((n * heap.length) / 4, ((n + 1) * heap.length) / 4))
      const alive = gateway.exitCode === null && (await fetch(`${url}/health/ready`)).ok
      return [
        { name: 'answers', value: answered / SECONDS, unit: 'per second' },
        { name: 'kinds that were answered with something else', value: wrong.size, unit: '', goal: '0' },
        { name: 'the process is up and ready (1)', value: alive ? 1 : 0, unit: '', goal: '1' },
        { name: 'memory in use, least of the third quarter', value: quarter(2), unit: 'MB' },
        { name: 'memory in use, least of the last quarter', value: quarter(3), unit: 'MB' },
        { name: 'grown by', value: quarter(3) - quarter(2), unit: 'MB', goal: '<= 10' },
        { name: 'resident memory, at most', value: resident, unit: 'MB' },
      ]
    } finally {
      await servers.stop()
      await workspace.remove()
    }
  },
}
