import type { Command } from 'commander'
import { setupLines } from '../check-report.js'
import { type Cli, CliError } from '../cli.js'
import { patience } from '../options.js'
import { printJson, printLines } from '../output.js'
import { withApp } from '../with-app.js'
import { CLOSE_PATIENCE_MS } from './config.js'

const EXAMPLES = `
Makes what the profile names and is not there yet, where the credentials allow it: the control database and its tables,
buckets, datasets, schemas, folders. What is there stays as it is; a second time it makes nothing.

Examples:
  goldgate setup
  GOLDGATE_PROFILE=gcp goldgate setup --json`

export function setupCommand(program: Command, cli: Cli): void {
  program
    .command('setup')
    .description('Create databases, schemas, buckets and datasets that the profile names, where allowed.')
    .option('--timeout <seconds>', 'how long each of them may take', patience, 60)
    .option('--json', 'print what was made as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: { timeout: number; json?: true }) => {
      const report = await withApp(cli, (app) => app.setup(flags.timeout), CLOSE_PATIENCE_MS)
      if (flags.json) printJson(cli.stdout, report)
      else printLines(cli.stdout, setupLines(report))
      if (report.ok) return
      throw new CliError(
        'SETUP_INCOMPLETE',
        'Not everything could be made; the report above says why. Grant what is missing or have it made by somebody who may, then run "goldgate config check".',
      )
    })
}
