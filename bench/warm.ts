import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import type { Figure } from './bench.js'
import { answerTo, bestOf, type Contender } from './fire.js'
import type { Servers } from './servers/start.js'

const QUESTIONS = 200
const ROUNDS = 2
/** A publish each so often. */
const PUBLISH_MS = 1000

interface Warm {
  readonly url: string
  readonly key: string
  /** URL of the control database. */
  readonly control: string
  readonly servers: Servers
  readonly folder: string
  readonly say: (line: string) => void
}

/** With publishes going on and every body compared with the one of its build, beside node:http that writes the same bytes. */
export async function warmFigures({ url, key, control, servers, folder, say }: Warm): Promise<readonly Figure[]> {
  const headers = { 'x-api-key': key }
  const questions = Array.from({ length: QUESTIONS }, (_, i) => question(i))
  const client = new pg.Client({ connectionString: control })
  await client.connect()
  const builds = (await client.query<{ build_id: string }>('SELECT build_id FROM goldgate_control.builds')).rows
  let publishes = 0
  const publish = async () => {
    const build = builds[publishes % builds.length]?.build_id
    publishes += 1
    await client.query('UPDATE goldgate_control.published SET build_id = $1', [build])
  }
  const right = new Set<string>()
  const texts: string[] = []
  for (const _ of builds) {
    await publish()
    for (const body of questions) {
      await answerTo({ url, headers }, body)
      const text = await answerTo({ url, headers }, body)
      texts.push(text)
      right.add(dataAndBuild(text))
    }
  }
  let asked = 0
  let answered = 0
  let hits = 0
  const next = () => questions[asked++ % QUESTIONS] ?? ''
  const file = join(folder, 'answers.json')
  await writeFile(file, JSON.stringify(texts.slice(-QUESTIONS)))
  const contenders: Contender[] = [
    {
      ...{ name: 'Goldgate, cached', url, headers, next },
      check(body) {
        answered += 1
        if (body.includes('"cache":"hit"')) hits += 1
        if (!right.has(dataAndBuild(body))) throw new Error(`A wrong answer: ${body.slice(0, 300)}`)
      },
    },
    {
      ...{ name: 'node:http, the same bytes', url: await servers.start('bare.ts', { ANSWERS: file }), headers, next },
      check(body) {
        if (!right.has(dataAndBuild(body))) throw new Error(`A wrong answer: ${body.slice(0, 300)}`)
      },
    },
  ]
  const publishing = setInterval(() => void publish(), PUBLISH_MS)
  try {
    const [us = 0, bare = 0] = await bestOf(contenders, ROUNDS, say)
    return [
      { name: 'warm: Goldgate, keys on, publishes going on', value: us, unit: 'answers/s' },
      { name: 'warm: node:http, the same bytes', value: bare, unit: 'answers/s' },
      { name: 'warm: Goldgate / node:http', value: us / bare, unit: '×', goal: '>= 0.7' },
      { name: 'warm: hits of the cache', value: (100 * hits) / answered, unit: '%' },
      { name: 'warm: publishes', value: publishes, unit: '' },
    ]
  } finally {
    clearInterval(publishing)
    await client.end()
  }
}

function question(i: number): string {
  const from = `P${String(i * 4).padStart(5, '0')}`
  const query =
    'query ($from: String!) { productSalesPerformance(first: 30, where: { productId: { gte: $from } }) { nodes { productId productName category unitsSold netRevenue } } }'
  return JSON.stringify({ query, variables: { from } })
}

/** Data of one build under the name of another are a wrong answer. What else is said of a build may change. */
const dataAndBuild = (text: string): string => {
  const end = text.indexOf(',"extensions":')
  return `${/"build":"([^"]+)"/.exec(text.slice(end))?.[1]} ${text.slice(0, end)}`
}
