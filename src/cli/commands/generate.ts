import { type Command, Option } from 'commander'
import type { DemoFile } from '../../../pipeline/sources/demo/generate.js'
import type { DemoOptions } from '../../../pipeline/sources/demo/options.js'
import { type Cli, UsageError } from '../cli.js'
import { folder, day as parseDay, positiveNumber, wholeNumber } from '../options.js'
import { Progress } from '../progress.js'

const EXAMPLES = `
The same options give the same bytes. Memory stays flat at any size.

Examples:
  goldgate generate --out ./demo
  goldgate generate --out ./big --sales 500000 --items-per-sale 3 --format csv
  goldgate generate --out ./small --products 100 --customers 500 --sales 2000 --from 2025-01-01 --to 2025-12-31`

export function generateCommand(program: Command, cli: Cli): void {
  program
    .command('generate')
    .description('Write demo data: the eight files of the source "demo".')
    .requiredOption('--out <dir>', 'folder to write to', folder(cli.cwd))
    .option('--products <n>', 'products (default: 1000)', wholeNumber)
    .option('--customers <n>', 'customers (default: 5000)', wholeNumber)
    .option('--stores <n>', 'stores (default: 20)', wholeNumber)
    .option('--campaigns <n>', 'campaigns (default: 24)', wholeNumber)
    .option('--sales <n>', 'sales (default: 20000)', wholeNumber)
    .option('--items-per-sale <m>', 'lines of a sale on average; 1 = exactly one (default: 3)', positiveNumber)
    .option(
      '--inventory <n>',
      'inventory rows, each another product in another store, or as many as there can be (default: 5000)',
      wholeNumber,
    )
    .option('--return-rate <r>', 'share of the sales with a return, 0 to 1 (default: 0.08)', positiveNumber)
    .option('--from <date>', 'first day of sales (default: 2024-01-01)', parseDay)
    .option('--to <date>', 'last day of sales and returns (default: 2025-12-31)', parseDay)
    .option('--seed <s>', 'whole number that everything random follows from (default: 1)', wholeNumber)
    .addOption(
      new Option('--format <format>', 'format of the files (default: ndjson)').choices(['json', 'ndjson', 'csv']),
    )
    .addHelpText('after', EXAMPLES)
    .action(async (given: Partial<DemoOptions> & { out: string }) => {
      const { out, ...options } = given
      const progress = new Progress(cli.stderr, () => performance.now())
      try {
        await generateWithProgress(cli, progress, options, out)
      } catch (error) {
        throw asUsageError(error)
      } finally {
        progress.end()
      }
      cli.stdout.write(`The files are in ${out}\nA build of them: goldgate run --data ${JSON.stringify(out)}\n`)
    })
}

/** With one step in the progress for everything, and a line for each file. */
export async function generateWithProgress(
  cli: Cli,
  progress: Progress,
  options: Partial<DemoOptions>,
  out: string,
): Promise<readonly DemoFile[]> {
  const stepped = { step: 'generate', subject: 'demo' }
  const onProgress = (at: { dataset: string; sales: number; of: number }) =>
    progress.handle({ ...stepped, state: 'progress', rows: at.sales, message: `of ${at.of} sales, ${at.dataset}` })
  return progress.step(
    stepped.step,
    stepped.subject,
    () => cli.generateDemo(options, out, { onProgress, signal: cli.interruption.signal }),
    (files) => ({
      rows: files.reduce((sum, file) => sum + file.rows, 0),
      bytes: files.reduce((sum, file) => sum + file.bytes, 0),
      message: `${files.length} files`,
    }),
  )
}

/** The generator names an option as its code does; people know it as a flag. */
function asUsageError(error: unknown): unknown {
  const invalid = error instanceof Error && 'code' in error && error.code === 'INVALID_OPTION' && 'option' in error
  if (!invalid) return error
  const flag = `--${String(error.option).replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
  return new UsageError(
    `${error.message.replace(String(error.option), flag)}. "goldgate generate --help" shows all of them.`,
  )
}
