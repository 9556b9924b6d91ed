import type { Command } from 'commander'
import type { Cli } from '../cli.js'
import { printJson, printLines } from '../output.js'
import { statusLines } from '../status-report.js'
import { withApp } from '../with-app.js'

const EXAMPLES = `
Examples:
  goldgate status
  goldgate status --json`

export function statusCommand(program: Command, cli: Cli): void {
  program
    .command('status')
    .description('Show runs, steps, builds, what is published where, and quarantine by reason.')
    .option('--json', 'print it as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: { json?: true }) => {
      const report = await withApp(cli, (app) => app.status())
      if (flags.json) printJson(cli.stdout, report)
      else printLines(cli.stdout, statusLines(report))
    })
}
