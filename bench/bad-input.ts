import { createRandom } from '../pipeline/sources/demo/random.js'
import { badInput, isRefusedWell } from '../tests/fixtures/gateway/bad-input.js'
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

export const badInputBenchmark: Benchmark = {
  name: 'bad-input',
  describes: `${SECONDS} s of ${badInput.length} kinds of wrong requests, ${CONNECTIONS} at a time, each with other texts: what they are answered with, and the memory that they leave taken`,
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
          const bad = random.pick(badInput)
          const answer = await bad.send(url, random).catch((error: unknown) => ({
            codes: ['no answer'],
            text: `${error} ${error instanceof Error ? error.cause : ''}`,
          }))
          answered += 1
          if (!isRefusedWell(bad, answer))
            wrong.set(bad.name, `${answer.codes.join(', ')}: ${answer.text.slice(0, 300)}`)
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
