import { fileURLToPath } from 'node:url'
import { cacheFolder } from '../../scripts/servers/cache.js'
import { buildGooglesqlCheck, findGooglesqlCheckSource } from '../../scripts/servers/install.js'
import { startServers } from '../../scripts/servers/servers.js'

/** Starts the real servers once for all `*.servers.test.ts`, and says by variables where they are. */
export default async function setup(): Promise<() => Promise<void>> {
  const say = (line: string) => console.log(line)
  const source = findGooglesqlCheckSource(fileURLToPath(new URL('../..', import.meta.url)))
  if (source === undefined) say('No source of googlesql-check beside the checkout: its tests are skipped.')
  else process.env.GOLDGATE_TEST_GOOGLESQL_CHECK = await buildGooglesqlCheck(cacheFolder(), source, say)
  const servers = await startServers({ s3: true, gcs: true, bigquery: true }, { say })
  Object.assign(process.env, servers.environment())
  return () => servers.stop()
}
