import { existsSync } from 'node:fs'
import { mkdir, readFile, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cacheFolder } from '../../scripts/servers/cache.js'
import { buildGooglesqlCheck, findGooglesqlCheckSource } from '../../scripts/servers/install.js'
import { RecordingProxy } from '../../scripts/servers/recording-proxy.js'
import { startServers } from '../../scripts/servers/servers.js'

const record = '.vitest/bigquery-requests.jsonl'
const say = (line: string) => console.log(line)

/**
 * Starts the real servers once for all `*.servers.test.ts`, and says by variables where they are. Everything that is sent to BigQuery's is
 * recorded; when the tests are over, Google's own analyzer judges every statement of the record.
 */
export default async function setup(): Promise<() => Promise<void>> {
  const source = findGooglesqlCheckSource(fileURLToPath(new URL('../..', import.meta.url)))
  if (source === undefined) say('No source of googlesql-check beside the checkout: its tests are skipped.')
  else process.env.GOLDGATE_TEST_GOOGLESQL_CHECK = await buildGooglesqlCheck(cacheFolder(), source, say)
  const servers = await startServers({ s3: true, gcs: true, bigquery: true }, { say })
  await mkdir(dirname(record), { recursive: true })
  await rm(record, { force: true })
  const proxy = await RecordingProxy.start(servers.bigquery.endpoint, record)
  Object.assign(process.env, servers.environment(), { GOLDGATE_TEST_BIGQUERY_ENDPOINT: proxy.endpoint })
  return async () => {
    await proxy.stop()
    await servers.stop()
    if (source !== undefined) await judgeWhatWasSent()
  }
}

/** By the exit code: were it thrown, vitest would not stop what the other set-ups started, PostgreSQL among it. */
async function judgeWhatWasSent(): Promise<void> {
  // Reads the path of the analyzer when it is loaded.
  const { judgeRecord } = await import('../googlesql/recorded.js')
  const { describeMistakes } = await import('../googlesql/judge.js')
  const { isRefusedOnPurpose } = await import('../googlesql/refused-on-purpose.js')
  const lines = existsSync(record) ? (await readFile(record, 'utf8')).split('\n').filter((line) => line !== '') : []
  const { judged, mistakes } = await judgeRecord(lines, isRefusedOnPurpose)
  if (mistakes.length === 0) return say(`${judged} statements were sent to BigQuery; Google's analyzer takes them all.`)
  process.exitCode = 1
  console.error(
    `Google's analyzer refuses ${mistakes.length} of ${judged} statements:\n\n${describeMistakes(mistakes)}`,
  )
}
