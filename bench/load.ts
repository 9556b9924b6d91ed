import { setTimeout as pause } from 'node:timers/promises'
import { createRandom, type Random } from '../pipeline/sources/demo/random.js'
import type { Benchmark } from './bench.js'
import { Servers } from './servers/start.js'
import { memoryOf, Workspace } from './workspace.js'

const SECONDS = Number(process.env.GOLDGATE_BENCH_SECONDS ?? 600)
const CONNECTIONS = 16
const PUBLISH_EVERY_MS = 20_000
const WAREHOUSES = ['postgres', 'duckdb'] as const

/** Two figures of different models that agree in every build, and in no mixture of two. */
const TOTALS = `totals: dailyRevenueBy { nodes { grossRevenue netRevenue totalOrders } }
  sales: factSalesBy { nodes { grossRevenue netRevenue totalOrders } }`

const questions: readonly ((random: Random) => { readonly query: string; readonly variables?: object })[] = [
  () => ({ query: `{ ${TOTALS} }` }),
  (random) => ({
    query: `query ($from: String!) { productSalesPerformance(first: 30, where: { productId: { gte: $from } }) {
      nodes { productId productName category unitsSold netRevenue } pageInfo { hasNextPage endCursor } totalCount } ${TOTALS} }`,
    variables: { from: `P${String(random.below(900)).padStart(5, '0')}` },
  }),
  (random) => ({
    query: `query ($from: Date!) { factSalesBy(where: { orderDate: { gte: $from } }, first: 50) {
      nodes { orderDate(grain: MONTH) channel netRevenue } } ${TOTALS} }`,
    variables: { from: `2025-0${random.between(1, 9)}-01` },
  }),
  (random) => ({
    query: `query ($category: String!) { factProductSalesBy(where: { category: { ne: $category } }, first: 20, orderBy: [{ field: NET_REVENUE, direction: DESC }]) {
      nodes { productId productName netRevenue } } }`,
    variables: { category: `C${random.below(1000)}` },
  }),
]

interface Seen {
  readonly milliseconds: number[]
  readonly errors: Map<string, number>
  torn: number
}

interface GatewayAnswer {
  readonly data?: Readonly<Record<string, { readonly nodes: readonly unknown[] }>>
  readonly errors?: readonly { readonly extensions?: { readonly code?: string } }[]
  readonly extensions: { readonly goldgate: { readonly builds: readonly { readonly build: string }[] } }
}

export const loadBenchmark: Benchmark = {
  name: 'load',
  describes: `${SECONDS} s of mixed questions to both warehouses, ${CONNECTIONS} connections, a publish every ${PUBLISH_EVERY_MS / 1000} s`,
  async run(say) {
    const workspace = await Workspace.create(WAREHOUSES)
    const servers = new Servers()
    try {
      const builds: string[] = []
      for (const seed of ['1', '2']) {
        await workspace.command('generate', '--out', workspace.data, '--seed', seed)
        const { output } = await workspace.command('run', '--json')
        builds.push((JSON.parse(output) as { runId: string }).runId)
      }
      const gateway = workspace.start(['serve'])
      const url = `${await servers.take(gateway, /(http:\/\/127\.0\.0\.1:\d+)/)}/graphql`
      const seen: Seen = { milliseconds: [], errors: new Map(), torn: 0 }
      const expected = new Map<string, string>()
      for (const build of builds) {
        const totals = TOTALS.replaceAll('By {', `By(build: "${build}") {`)
        expected.set(build, figuresOf(await ask(url, 'postgres', { query: `{ ${totals} }` })))
      }
      if (expected.size !== new Set(expected.values()).size) throw new Error('Both builds have the same figures')
      const residentMb = () => memoryOf(gateway.pid ?? 0, 'VmRSS')
      const ends = performance.now() + SECONDS * 1000
      const load = Array.from({ length: CONNECTIONS }, (_, n) =>
        fire(url, createRandom(n + 1, 'load'), expected, seen, ends),
      )
      const warm = Math.min(30_000, SECONDS * 100)
      await pause(warm)
      const before = await residentMb()
      let publishes = 0
      while (performance.now() < ends) {
        const build = builds[publishes % builds.length] ?? ''
        for (const warehouse of WAREHOUSES) await workspace.command('publish', build, '--warehouse', warehouse)
        publishes += 1
        say(`${publishes} publishes, ${seen.milliseconds.length} answers, ${(await residentMb()).toFixed(0)} MB`)
        await pause(Math.max(0, Math.min(PUBLISH_EVERY_MS, ends - performance.now())))
      }
      await Promise.all(load)
      const after = await residentMb()
      const times = seen.milliseconds.toSorted((a, b) => a - b)
      const at = (share: number) => times[Math.floor(times.length * share)] ?? Number.NaN
      for (const [code, count] of seen.errors) say(`${count} × ${code}`)
      return [
        { name: 'answers', value: times.length / SECONDS, unit: 'per second' },
        { name: 'publishes in each warehouse', value: publishes, unit: '' },
        {
          name: 'errors',
          value: [...seen.errors.values()].reduce((sum, count) => sum + count, 0),
          unit: '',
          goal: '0',
        },
        { name: 'torn answers', value: seen.torn, unit: '', goal: '0' },
        { name: 'p50', value: at(0.5), unit: 'ms' },
        { name: 'p99', value: at(0.99), unit: 'ms' },
        { name: 'resident memory after the beginning', value: before, unit: 'MB' },
        { name: 'resident memory at the end', value: after, unit: 'MB' },
      ]
    } finally {
      await servers.stop()
      await workspace.remove()
    }
  },
}

async function fire(
  url: string,
  random: Random,
  expected: ReadonlyMap<string, string>,
  seen: Seen,
  ends: number,
): Promise<void> {
  while (performance.now() < ends) {
    const started = performance.now()
    try {
      const answer = await ask(url, random.pick(WAREHOUSES), random.pick(questions)(random))
      seen.milliseconds.push(performance.now() - started)
      const [build, ...more] = answer.extensions.goldgate.builds.map((each) => each.build)
      const torn = build === undefined || more.length > 0
      if (torn || (answer.data?.totals && figuresOf(answer) !== expected.get(build))) seen.torn += 1
    } catch (error) {
      const what = error instanceof Error ? error.message : String(error)
      seen.errors.set(what, (seen.errors.get(what) ?? 0) + 1)
    }
  }
}

/** The figures of both models as text; throws where they do not agree. */
function figuresOf({ data }: GatewayAnswer): string {
  const [totals, sales] = [data?.totals, data?.sales].map((list) => JSON.stringify(list?.nodes[0]))
  return totals !== undefined && totals === sales ? totals : `${totals} is not ${sales}`
}

async function ask(url: string, warehouse: string, question: object): Promise<GatewayAnswer> {
  const headers = { 'content-type': 'application/json', 'x-goldgate-warehouse': warehouse }
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(question) })
  const answer = (await response.json()) as GatewayAnswer
  if (answer.errors) throw new Error(answer.errors.map(({ extensions }) => extensions?.code).join(', '))
  return answer
}
