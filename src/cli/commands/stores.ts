import type { Command } from 'commander'
import type { StoresReport } from '../../app.js'
import type { Cli } from '../cli.js'
import { printJson, printLines } from '../output.js'
import { Progress } from '../progress.js'
import { requireSound, storesLines } from '../stores-report.js'
import { withApp } from '../with-app.js'

interface VerifyFlags {
  readonly deep?: true
  readonly repair?: true
  readonly store?: string
  readonly json?: true
}

const EXAMPLES = `
Without --deep an object is taken at its size and the checksum that its store keeps beside it; only --deep
finds a flipped byte under an intact checksum. What no manifest names is shown as extra and never removed.
The exit code is 0 when every object of every manifest is in every store, after repairs.

Examples:
  goldgate stores verify
  goldgate stores verify --deep --repair
  goldgate stores verify --store gcs --json`

export function storesCommand(program: Command, cli: Cli): void {
  const stores = program.command('stores').description('Look after the object stores.')
  stores
    .command('verify')
    .description('Compare every object of every manifest with what lies in every object store.')
    .option('--deep', 'read every byte and compare its SHA-256')
    .option('--repair', 'write what is missing or damaged again, from a store that has it right or from Bronze')
    .option('--store <name>', 'the only store to look at (default: all of them)')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async ({ json, ...flags }: VerifyFlags) => {
      const report = await withProgress(cli, (onEvent) =>
        withApp(cli, (app) => app.verifyStores(flags, onEvent, cli.interruption.signal)),
      )
      if (json) printJson(cli.stdout, report)
      else printLines(cli.stdout, storesLines(report))
      requireSound(report)
    })
}

async function withProgress(
  cli: Cli,
  work: (onEvent: Progress['handle']) => Promise<StoresReport>,
): Promise<StoresReport> {
  const progress = new Progress(cli.stderr, () => performance.now())
  try {
    return await work(progress.handle)
  } finally {
    progress.end()
  }
}
