import type { Command } from 'commander'
import type { Cli } from '../cli.js'
import { printJson } from '../output.js'
import { withApp } from '../with-app.js'

const EXAMPLES = `
Examples:
  goldgate sql daily_revenue
  goldgate sql daily_revenue --warehouse duckdb`

export function sqlCommand(program: Command, cli: Cli): void {
  program
    .command('sql')
    .description('Print the SQL that builds a Gold model in a warehouse.')
    .argument('<model>', 'name of the model, such as daily_revenue')
    .option('--warehouse <name>', 'a configured warehouse (default: the default warehouse)')
    .option('--json', 'print it as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (model: string, flags: { warehouse?: string; json?: true }) => {
      const { sql, warehouse } = await withApp(cli, async (app) => {
        const chosen = flags.warehouse ?? app.config.defaultWarehouse
        return { sql: app.sql(model, chosen), warehouse: chosen }
      })
      if (flags.json) printJson(cli.stdout, { model, warehouse, sql })
      else cli.stdout.write(`${sql.trimEnd()}\n`)
    })
}
