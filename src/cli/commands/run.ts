import type { Command } from 'commander'
import type { RunSummary } from '../../app.js'
import { type Cli, UsageError } from '../cli.js'
import { day, folder, runId, several } from '../options.js'
import { printJson, printLines } from '../output.js'
import { Progress } from '../progress.js'
import { requireSuccess, runLines } from '../run-report.js'
import { withApp } from '../with-app.js'

interface RunFlags {
  readonly source?: string[]
  readonly data?: string
  readonly asOf?: string
  readonly runId?: string
  readonly mappings?: string[]
  readonly from?: string
  readonly json?: true
}

const EXAMPLES = `
A run that was interrupted is finished first, or instead when it was asked for the same: nothing it had finished
is done again, and what was delivered since is for the next run. Without changes there is no new build. It may run
while "goldgate serve" answers: the gateway goes on to the new build.

Examples:
  goldgate run
  goldgate run --source global-electronics --data ~/global-electronics
  goldgate run --source demo --as-of 2025-12-31
  goldgate run --from gcs`

export function runCommand(program: Command, cli: Cli): void {
  program
    .command('run')
    .description('Run the pipeline once: land, conform, load, merge, build, check, publish.')
    .option('--source <name>', 'a configured source; may be given several times (default: all of them)', several())
    .option(
      '--data <dir>',
      'where the files of the single source of this run are; other runs read the configured folder',
      folder(cli.cwd),
    )
    .option('--as-of <date>', 'the day that the figures are computed for (default: the newest day in the data)', day)
    .option('--run-id <id>', 'name of the run (default: made from the time)', runId)
    .option('--mappings <dir>', 'a further folder with mappings; may be given several times', several(folder(cli.cwd)))
    .option('--from <store>', 'the object store to build from and to land in (default: the first of the profile)')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: RunFlags) => {
      const summary = await withApp(cli, async (app) => {
        const names = flags.source ?? app.config.sources.map((source) => source.name)
        if (flags.data !== undefined && new Set(names).size !== 1) {
          throw new UsageError(
            `--data is the folder of one source, but this run has ${names.length} (${names.join(', ')}). Name one with --source.`,
          )
        }
        return runWithProgress(cli, (onEvent) =>
          app.run(
            {
              ...(flags.source && { sources: flags.source }),
              ...(flags.data !== undefined && { dataDirectory: flags.data }),
              ...(flags.asOf !== undefined && { asOf: flags.asOf }),
              ...(flags.runId !== undefined && { runId: flags.runId }),
              ...(flags.mappings && { mappings: flags.mappings }),
              ...(flags.from !== undefined && { from: flags.from }),
            },
            onEvent,
            cli.interruption.signal,
          ),
        )
      })
      const { causes: _, ...document } = summary
      if (flags.json) printJson(cli.stdout, document)
      else printLines(cli.stdout, runLines(summary))
      requireSuccess(summary)
    })
}

async function runWithProgress(
  cli: Cli,
  run: (onEvent: Progress['handle']) => Promise<RunSummary>,
): Promise<RunSummary> {
  const progress = new Progress(cli.stderr, () => performance.now())
  try {
    return await run(progress.handle)
  } finally {
    progress.end()
  }
}
