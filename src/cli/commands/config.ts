import type { Command } from 'commander'
import { describeConfig } from '../../config/describe.js'
import { checkLines } from '../check-report.js'
import { type Cli, CliError } from '../cli.js'
import { patience } from '../options.js'
import { printJson, printLines } from '../output.js'
import { withApp } from '../with-app.js'

const SHOW_EXAMPLES = `
Secrets are shown as ***; everything else is as it is used: variables replaced, defaults filled in, HOST and PORT applied.

Examples:
  goldgate config show
  GOLDGATE_PROFILE=aws goldgate config show --json`

const CHECK_EXAMPLES = `
One line says what was found; below it stands each permission that is missing, with what grants it. Object stores are
tried with a tiny object below .goldgate-check/, which is removed. Exit code 1 when anything is wrong.

Examples:
  goldgate config check
  GOLDGATE_PROFILE=multi goldgate config check --timeout 60 --json`

export function configCommand(program: Command, cli: Cli): void {
  const config = program
    .command('config')
    .description('Look at the configuration: "goldgate config show", "goldgate config check".')
  config
    .command('show')
    .description('Print the effective configuration, secrets masked.')
    .option('--json', 'print it as JSON')
    .addHelpText('after', SHOW_EXAMPLES)
    .action(async (flags: { json?: true }) => {
      const described = describeConfig(await cli.loadConfig())
      if (flags.json) printJson(cli.stdout, described)
      else cli.stdout.write((await import('yaml')).stringify(described, { lineWidth: 0 }))
    })
  config
    .command('check')
    .description(
      'Connect to the control database, every object store and every warehouse, load the stored operations, and say what is missing.',
    )
    .option('--timeout <seconds>', 'how long each of them may take to answer', patience, 30)
    .option('--json', 'print it as JSON')
    .addHelpText('after', CHECK_EXAMPLES)
    .action(async (flags: { timeout: number; json?: true }) => {
      const report = await withApp(cli, (app) => app.check(flags.timeout), CLOSE_PATIENCE_MS)
      if (flags.json) printJson(cli.stdout, report)
      else printLines(cli.stdout, checkLines(report))
      if (report.ok) return
      const failed = report.parts
        .filter(({ problems }) => problems.length > 0)
        .map(({ part, name }) => (part === name ? name : `${part} ${name}`))
      throw new CliError(
        'CHECK_FAILED',
        `Not everything is ready: ${failed.join(', ')}. The report above says what to do; "goldgate setup" makes what may be made.`,
      )
    })
}

/** What did not answer in time may not keep the command from ending either. */
export const CLOSE_PATIENCE_MS = 5_000
