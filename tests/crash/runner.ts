import { GoldgateApp } from '../../src/composition/goldgate-app.js'
import { loadConfig } from '../../src/config/load-config.js'
import { parseStop, stoppingAt } from './stops.js'

/** One run of the pipeline in a process of its own, which tells its durable writes on standard output and stops where it is asked to. */
const stop = process.argv[2] ? parseStop(process.argv[2]) : undefined
const tell = (line: string) => process.stdout.write(`${line}\n`)
const app = new GoldgateApp(loadConfig({ cwd: process.cwd(), env: process.env }), { durable: stoppingAt(stop, tell) })
try {
  const summary = await app.run({}, ({ step, state }) => tell(`EVENT ${step} ${state}`))
  tell(`END ${summary.status} ${JSON.stringify(summary.warehouses)}`)
} catch (error) {
  tell(
    `ERROR ${error instanceof Error && 'code' in error ? error.code : ''} ${error instanceof Error ? error.stack : error}`,
  )
  process.exitCode = 1
} finally {
  await app.close()
}
