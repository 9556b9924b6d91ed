import { once } from 'node:events'
import { cacheFolder } from './cache.js'
import {
  buildGooglesqlCheck,
  findGooglesqlCheckSource,
  installBqemulator,
  installFakeGcsServer,
  installVersitygw,
} from './install.js'
import { startServers } from './servers.js'

/**
 * By hand: `npx tsx scripts/servers/main.ts install` fills the cache; `… env` starts the servers, prints the variables by which tests find them
 * (so that single test files can be run against them), and stops them on Ctrl-C.
 */
const say = (line: string) => console.error(line)
const command = process.argv[2]

async function install(): Promise<void> {
  const cache = cacheFolder()
  console.log(await installVersitygw(cache, say))
  console.log(await installFakeGcsServer(cache, say))
  console.log(await installBqemulator(cache, say))
  const source = findGooglesqlCheckSource(process.cwd())
  if (source === undefined)
    say('googlesql-check: no source beside the checkout, and GOLDGATE_GOOGLESQL_CHECK_SOURCE is unset.')
  else console.log(await buildGooglesqlCheck(cache, source, say))
}

async function env(): Promise<void> {
  const source = findGooglesqlCheckSource(process.cwd())
  const analyzer = source && (await buildGooglesqlCheck(cacheFolder(), source, say))
  const servers = await startServers({ s3: true, gcs: true, bigquery: true }, { say })
  const variables = { ...servers.environment(), ...(analyzer && { GOLDGATE_TEST_GOOGLESQL_CHECK: analyzer }) }
  for (const [name, value] of Object.entries(variables)) console.log(`export ${name}='${value}'`)
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  await servers.stop()
}

if (command === 'install') await install()
else if (command === 'env') await env()
else {
  say('Usage: npx tsx scripts/servers/main.ts install | env')
  process.exitCode = 2
}
