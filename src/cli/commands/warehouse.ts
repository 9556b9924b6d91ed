import type { Command } from 'commander'
import type { Cli } from '../cli.js'
import { printJson, printLines } from '../output.js'
import { Progress } from '../progress.js'
import { requireSuccess, runLines } from '../run-report.js'
import { withApp } from '../with-app.js'

const EXAMPLES = `
Nothing is landed: the warehouse is filled from the batches that earlier runs put into the object stores,
and gets the build that the other warehouses have, under its id. What it has already is not loaded again.
A run that was interrupted is finished first.

Examples:
  goldgate warehouse build duckdb
  goldgate warehouse build reporting --json`

export function warehouseCommand(program: Command, cli: Cli): void {
  const warehouse = program.command('warehouse').description('Work on a warehouse: "goldgate warehouse build NAME".')
  warehouse
    .command('build')
    .description('Fill a new or emptied warehouse from what was landed, and publish it.')
    .argument('<name>', 'a configured warehouse')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (name: string, flags: { json?: true }) => {
      const progress = new Progress(cli.stderr, () => performance.now())
      const summary = await withApp(cli, (app) =>
        app.buildWarehouse(name, progress.handle, cli.interruption.signal),
      ).finally(() => progress.end())
      if (flags.json) printJson(cli.stdout, summary)
      else printLines(cli.stdout, runLines(summary))
      requireSuccess(summary)
    })
}
