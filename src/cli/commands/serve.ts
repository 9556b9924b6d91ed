import type { Command } from 'commander'
import type { Cli } from '../cli.js'
import { readyLines } from '../ready.js'
import { withApp } from '../with-app.js'

const EXAMPLES = `
Sources with a schedule are refreshed while it serves. Ctrl-C or SIGTERM drains and stops everything.

Examples:
  goldgate serve
  PORT=4001 GOLDGATE_HOME=./other goldgate serve`

export function serveCommand(program: Command, cli: Cli): void {
  program
    .command('serve')
    .description('Start the gateway alone, and the schedules of the sources.')
    .addHelpText('after', EXAMPLES)
    .action(async () => {
      await withApp(cli, (app) => {
        const { landingPage, authentication } = app.config.gateway
        return app.serve(
          ({ url }) => cli.stdout.write(`${readyLines({ url, landingPage, authentication }).join('\n')}\n`),
          cli.interruption.signal,
        )
      })
      cli.stdout.write('Stopped.\n')
    })
}
