import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { Command } from 'commander'
import type { App, RunSummary, StatusReport } from '../../app.js'
import type { Config } from '../../config/config.js'
import type { Cli } from '../cli.js'
import { errorText } from '../errors.js'
import { seconds } from '../format.js'
import { Progress } from '../progress.js'
import { readyLines } from '../ready.js'
import { requireSuccess, runLines } from '../run-report.js'
import { withApp } from '../with-app.js'
import { generateWithProgress } from './generate.js'

const DEMO = 'demo'

const EXAMPLES = `
Everything it makes is in one folder, GOLDGATE_HOME (default: .goldgate in the current folder). A second
start finds it there and writes nothing anew.

Examples:
  goldgate start
  PORT=4001 GOLDGATE_HOME=./other goldgate start`

export function startCommand(program: Command, cli: Cli): void {
  program
    .command('start')
    .description('Open everything, make demo data where it is missing, run the pipeline, start the gateway.')
    .addHelpText('after', EXAMPLES)
    .action(async () => {
      const begun = performance.now()
      const home = await withApp(cli, async (app) => {
        await startAndServe(cli, app, begun)
        return app.config.home
      })
      cli.stdout.write(`Stopped. The data stay in ${home}. Goodbye.\n`)
    })
}

async function startAndServe(cli: Cli, app: App, begun: number): Promise<void> {
  const { signal } = cli.interruption
  const { config } = app
  const progress = new Progress(cli.stderr, () => performance.now())
  try {
    progress.print(`Goldgate ${cli.version}, profile ${config.profile}, home ${config.home}`)
    // Before anything is published by a start that cannot serve.
    await requireFreePort(config.gateway)
    // Before demo data are put into it.
    const { makeHome } = await import('../../composition/home.js')
    await makeHome(config)
    // PostgreSQL starts in processes of its own meanwhile.
    const [before] = await allDone([openControl(app, progress), makeDemo(cli, config, progress)])
    signal.throwIfAborted()
    await refresh(cli, app, progress)
    signal.throwIfAborted()
    progress.handle({ step: 'serve', subject: 'gateway', state: 'started' })
    await app.serve(({ url }) => {
      progress.handle({ step: 'serve', subject: 'gateway', state: 'done' })
      const { landingPage, authentication } = config.gateway
      const postgresUrlFile = before.embeddedPostgresUrlFile
      const ready = readyLines({ url, landingPage, authentication, postgresUrlFile })
      cli.stdout.write(`${ready.join('\n')}\nReady after ${seconds((performance.now() - begun) / 1_000)}.\n`)
    }, signal)
  } finally {
    progress.end()
  }
}

/** Throws EADDRINUSE. */
async function requireFreePort({ host, port }: Config['gateway']): Promise<void> {
  const server = createServer()
  server.listen(port, host)
  await once(server, 'listening')
  server.close()
  await once(server, 'close')
}

function openControl(app: App, progress: Progress): Promise<StatusReport> {
  const subject = app.config.control.embedded ? 'embedded PostgreSQL' : 'control database'
  return progress.step('open', subject, () => app.status())
}

/** Demo data where the source is configured and its folder holds none. */
async function makeDemo(cli: Cli, config: Config, progress: Progress): Promise<void> {
  const demo = config.sources.find((source) => source.name === DEMO)
  if (demo && (await lacksDemo(demo.data))) await generateWithProgress(cli, progress, {}, demo.data)
}

/** The generator names the file of sales last: with other files of its own only, it was interrupted. */
async function lacksDemo(directory: string): Promise<boolean> {
  const names = (await readdir(directory).catch(() => [])).filter((name) => !name.startsWith('.'))
  if (names.length === 0) return true
  const { demoFileName } = await import('../../../pipeline/sources/demo/generate.js')
  const { demoDatasetNames } = await import('../../../pipeline/sources/demo/datasets.js')
  const own = new Set(demoDatasetNames.map((dataset) => demoFileName(dataset, 'ndjson')))
  return names.every((name) => own.has(name)) && !names.includes(demoFileName('sales', 'ndjson'))
}

/** A run that fails does not keep the gateway from answering out of the last good build; without one there is nothing to serve. */
async function refresh(cli: Cli, app: App, progress: Progress): Promise<void> {
  try {
    const summary: RunSummary = await app.run({}, progress.handle, cli.interruption.signal)
    for (const line of runLines(summary)) progress.print(line)
    requireSuccess(summary)
  } catch (error) {
    if (cli.interruption.interrupted) throw error
    const { pointers } = await app.status()
    if (!pointers.some((pointer) => pointer.build)) throw error
    progress.print(`Warning: ${errorText(error)}`)
    progress.print('The gateway starts with what was published before.')
  } finally {
    progress.end()
  }
}

/** Waits for all, also when one fails: what is still being opened could not be closed. */
async function allDone<A, B>(work: readonly [Promise<A>, Promise<B>]): Promise<[A, B]> {
  await Promise.allSettled(work)
  return Promise.all(work)
}
