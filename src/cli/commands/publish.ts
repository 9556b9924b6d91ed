import type { Command } from 'commander'
import { type Cli, CliError, UsageError } from '../cli.js'
import { sentence } from '../errors.js'
import { moment } from '../format.js'
import { withApp } from '../with-app.js'

const EXAMPLES = `
The pointer stays where it was put: later builds are made but wait until it is released. A rollback is
the same. "goldgate status" lists the builds.

Examples:
  goldgate publish r20261121t090646_k3f0 --warehouse postgres
  goldgate publish --release --warehouse postgres`

export function publishCommand(program: Command, cli: Cli): void {
  program
    .command('publish')
    .description('Move the pointer of a warehouse to a build and hold it, or let it follow again.')
    .argument('[build]', 'a build that passed its checks')
    .requiredOption('--warehouse <name>', 'the warehouse whose pointer moves')
    .option('--release', 'let the pointer follow the newest build again')
    .addHelpText('after', EXAMPLES)
    .action(async (build: string | undefined, flags: { warehouse: string; release?: true }) => {
      if ((build === undefined) === (flags.release === undefined)) {
        throw new UsageError('Name either a build or --release, and not both.')
      }
      const { warehouse } = flags
      const now = await withApp(cli, (app) =>
        build === undefined ? app.release(warehouse) : app.publish(build, warehouse),
      )
      if (!now)
        throw new CliError(
          'NOTHING_PUBLISHED',
          `${warehouse} has no published build to release. Run "goldgate run" first.`,
        )
      const answer = `${warehouse} answers from build ${now.buildId} (published ${moment(now.publishedAt)} UTC)`
      const hold = now.held
        ? `The pointer is held: later builds wait until "goldgate publish --release --warehouse ${warehouse}".`
        : 'The pointer follows the newest build that passes its checks.'
      cli.stdout.write(`${answer}. ${hold}\n`)
      if (now.viewsBehind !== undefined)
        cli.stderr.write(
          `Warning: the views gold.<model> of ${warehouse} show the build before until the next publish: ${sentence(now.viewsBehind)}\n`,
        )
    })
}
