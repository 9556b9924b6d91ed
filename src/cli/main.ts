import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { packageVersion } from '../../warehouses/package-root.js'
import type { Cli } from './cli.js'
import { errorDetails, errorText, exitCodeOf } from './errors.js'
import { Interruption } from './interruption.js'
import { runProgram } from './program.js'

/** Only this file touches the process. */
async function main(): Promise<number> {
  const environmentFile = join(process.cwd(), '.env')
  // What the environment has already goes before the file.
  if (existsSync(environmentFile)) process.loadEnvFile(environmentFile)
  // A reader that went away (`| head`) does not stop the work.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  const interruption = new Interruption(
    () => performance.now(),
    // For people: what collects standard error gets a log of JSON lines.
    () => {
      if (process.stderr.isTTY) process.stderr.write('\nStopping in good order; press Ctrl-C again to force it.\n')
    },
    (code) => process.exit(code),
  )
  interruption.listen(process)
  const cli: Cli = {
    version: packageVersion(),
    cwd: process.cwd(),
    stdout: process.stdout,
    stderr: process.stderr,
    interruption,
    loadConfig: async () => {
      const { loadConfig } = await import('../config/load-config.js')
      return loadConfig({ cwd: process.cwd(), env: process.env })
    },
    openApp: async (config) => new (await import('../composition/goldgate-app.js')).GoldgateApp(config),
    generateDemo: async (options, out, hooks) => {
      const { generateDemo } = await import('../../pipeline/sources/demo/generate.js')
      return generateDemo(options, out, hooks)
    },
  }
  try {
    await runProgram(cli, process.argv.slice(2))
    return 0
  } catch (error) {
    if (process.env.GOLDGATE_DEBUG === '1') process.stderr.write(`${errorDetails(error)}\n`)
    if (interruption.interrupted) {
      process.stderr.write(
        'goldgate: INTERRUPTED: The command was stopped. What it had finished is kept; start it again to go on.\n',
      )
      return interruption.exitCode
    }
    process.stderr.write(`goldgate: ${errorText(error)}\n`)
    return exitCodeOf(error)
  }
}

process.exitCode = await main()
// Nothing should be left open; a handle that somebody forgot must not keep the shell waiting.
setTimeout(() => process.exit(), 3_000).unref()
