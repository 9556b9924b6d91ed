import type { Command } from 'commander'
import type { EntityTestReport, SourceTestReport } from '../../app.js'
import { type Cli, CliError } from '../cli.js'
import { count, oneLine, rows, seconds, table } from '../format.js'
import { folder, several } from '../options.js'
import { printJson, printLines } from '../output.js'
import { Progress } from '../progress.js'
import { quarantineLines } from '../run-report.js'
import { withApp } from '../with-app.js'

const EXAMPLES = `
Nothing is landed, loaded or published. A mistake in the mapping is reported with file, line and column.

Examples:
  goldgate source test demo
  goldgate source test my-shop --data ~/my-shop/export --mappings ~/my-shop/mappings`

interface TestFlags {
  readonly data?: string
  readonly mappings?: string[]
  readonly json?: true
}

export function sourceCommand(program: Command, cli: Cli): void {
  const source = program.command('source').description('Work on a source: "goldgate source test NAME".')
  source
    .command('test')
    .description('Conform a source and show what would be loaded; publishes nothing.')
    .argument('<name>', 'name of the source')
    .option('--data <dir>', 'where its files are (default: as configured)', folder(cli.cwd))
    .option('--mappings <dir>', 'a further folder with mappings; may be given several times', several(folder(cli.cwd)))
    .option('--json', 'print it as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (name: string, flags: TestFlags) => {
      const progress = new Progress(cli.stderr, () => performance.now())
      const report = await withApp(cli, (app) =>
        progress.step('conform', name, () =>
          app.testSource(
            {
              source: name,
              ...(flags.data !== undefined && { dataDirectory: flags.data }),
              ...(flags.mappings && { mappings: flags.mappings }),
            },
            cli.interruption.signal,
          ),
        ),
      )
      if (flags.json) printJson(cli.stdout, report)
      else printLines(cli.stdout, testLines(report))
      requireComplete(report)
      if (report.unusable !== undefined) throw new CliError('TOO_MANY_REJECTED', report.unusable)
    })
}

/** The report for people. */
function testLines(report: SourceTestReport): string[] {
  return [
    `Source ${report.source}, files in ${report.dataDirectory}, conformed in ${seconds(report.seconds)}`,
    '',
    table(
      ['dataset', 'files', 'rows', 'unreadable'],
      report.datasets.map((each) => [each.dataset, count(each.files), count(each.rows), count(each.rejected)]),
    ),
    '',
    table(
      ['entity', 'from', 'in', 'loaded', 'collapsed', 'quarantined', 'filtered'],
      report.entities.map((each) => [
        each.entity,
        each.from,
        ...[each.raw, each.loaded, each.collapsed, each.quarantined, each.filtered].map(count),
      ]),
    ),
    ...(report.quarantine.length === 0 ? [] : ['', ...quarantineLines(report.quarantine)]),
    ...report.entities.flatMap((each) => ['', ...firstRowLines(each)]),
  ]
}

function firstRowLines({ entity, firstRows, loaded }: EntityTestReport): string[] {
  // The source is in the title, and lineage says little here; --json has both.
  const columns = Object.keys(firstRows[0] ?? {}).filter((column) => column !== 'source' && !column.startsWith('_'))
  const cells = firstRows.map((row) => columns.map((column) => oneLine(row[column] ?? 'NULL', 24)))
  const heading = `${entity}: first ${firstRows.length} of ${rows(loaded)}`
  return columns.length === 0 ? [heading] : [heading, table(columns, cells)]
}

/** Every raw row must be accounted for, or the mapping loses rows without saying so. */
function requireComplete(report: SourceTestReport): void {
  const lost = report.entities.filter(
    (each) => each.raw !== each.loaded + each.collapsed + each.quarantined + each.filtered,
  )
  if (lost.length === 0) return
  const names = lost.map((each) => each.entity).join(', ')
  throw new CliError(
    'ROWS_NOT_ACCOUNTED_FOR',
    `Rows went in that neither came out nor were counted as left out: ${names}. Look for a join or a condition in the SELECT that drops or repeats rows.`,
  )
}
