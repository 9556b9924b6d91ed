import type { Command } from 'commander'
import { goldModels } from '../../../models/gold/index.js'
import type { KeyDifferences, ParityReport } from '../../../warehouses/contract/parity.js'
import { type Cli, CliError, UsageError } from '../cli.js'
import { wholeNumber } from '../options.js'
import { printJson, printLines } from '../output.js'
import { differingKeyLines, parityLines } from '../parity-report.js'
import { withApp } from '../with-app.js'

const EXAMPLES = `
Each warehouse's rows of a build come to a number of rows, the exact sum of every measure and a checksum over
the canonical text of all rows. They are taken when a build is checked; those of a build that one warehouse made
alone are taken now. --keys reads the warehouses again.
The exit code is 1 where warehouses differ.

Examples:
  goldgate parity
  goldgate parity --model daily_revenue --keys
  goldgate parity --build r20261121t090646_k3f0 --json`

interface ParityFlags {
  readonly build?: string
  readonly model?: string
  readonly keys?: true
  readonly limit: number
  readonly json?: true
}

export function parityCommand(program: Command, cli: Cli): void {
  program
    .command('parity')
    .description('Show whether all warehouses that hold a build have the same rows, model by model.')
    .option('--build <id>', 'the build (default: the newest)')
    .option('--model <name>', 'one model (default: all of them)')
    .option('--keys', 'name the keys that differ, with their columns and both values')
    .option('--limit <n>', 'keys named for each model and warehouse', wholeNumber, 20)
    .option('--json', 'print it as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: ParityFlags) => {
      const { report, keys } = await withApp(cli, async (app) => {
        const catalog = await app.parity()
        const { build, model } = flags
        if (model !== undefined) requireModel(model)
        const found = await catalog.report({ ...(build && { build }), ...(model && { model }) })
        if (!found) throw nothingToCompare(build)
        const differing = flags.keys ? found.models.filter(({ equal }) => !equal) : []
        const pages: KeyDifferences[] = []
        for (const each of differing)
          pages.push(...(await catalog.differingKeys(found.buildId, each.model, flags.limit)))
        return { report: found, keys: pages }
      })
      if (flags.json) printJson(cli.stdout, { ...report, ...(flags.keys && { differingKeys: keys }) })
      else printLines(cli.stdout, [...parityLines(report), ...differingKeyLines(keys)])
      requireEqual(report, flags)
    })
}

function requireModel(name: string): void {
  const known = goldModels.map((model) => model.name)
  if (!known.includes(name)) throw new UsageError(`There is no Gold model "${name}". There are: ${known.join(', ')}.`)
}

function nothingToCompare(build: string | undefined): CliError {
  return build === undefined
    ? new CliError('NOTHING_TO_COMPARE', 'No build has been checked yet. Run "goldgate run" first.')
    : new CliError(
        'BUILD_UNKNOWN',
        `No warehouse holds figures of a build ${build}. "goldgate status" lists the builds.`,
      )
}

function requireEqual(report: ParityReport, flags: ParityFlags): void {
  if (report.equal) return
  const models = report.models.filter(({ equal }) => !equal).map(({ model }) => model)
  const next = flags.keys ? '' : ' "goldgate parity --keys" names the keys that differ.'
  throw new CliError(
    'PARITY_DIFFERS',
    `The warehouses differ in ${models.join(', ')} of build ${report.buildId}.${next}`,
  )
}
