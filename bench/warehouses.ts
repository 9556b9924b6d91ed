import type { Benchmark } from './bench.js'
import { Workspace } from './workspace.js'

type Kinds = readonly ('postgres' | 'duckdb')[]

/** `--sales 500000` gives 1.5 million items. GOLDGATE_BENCH_SALES tries it with fewer. */
const sales = process.env.GOLDGATE_BENCH_SALES ?? '500000'

export const warehousesBenchmark: Benchmark = {
  name: 'warehouses',
  describes: `Postgres and DuckDB side by side, ${sales} sales with three items each, against each of them alone`,
  async run(say) {
    const data = await Workspace.create(['duckdb'])
    try {
      const sizes = ['--sales', sales, '--customers', '50000', '--products', '5000', '--inventory', '20000']
      await data.command('generate', '--out', data.data, ...sizes)
      // Once unmeasured: the files are then in the machine's memory for all that follow.
      await landToPublish(['duckdb'], data.data)
      const seconds: Record<string, number> = {}
      for (const kinds of [['postgres'], ['duckdb'], ['postgres', 'duckdb']] satisfies Kinds[]) {
        seconds[kinds.join(' and ')] = await landToPublish(kinds, data.data)
        say(`${kinds.join(' and ')}: ${seconds[kinds.join(' and ')]?.toFixed(2)} s`)
      }
      const alone = [seconds.postgres ?? Number.NaN, seconds.duckdb ?? Number.NaN]
      const together = seconds['postgres and duckdb'] ?? Number.NaN
      return [
        { name: 'land to publish, Postgres alone', value: alone[0] ?? Number.NaN, unit: 's' },
        { name: 'land to publish, DuckDB alone', value: alone[1] ?? Number.NaN, unit: 's' },
        { name: 'land to publish, both', value: together, unit: 's' },
        { name: 'both / the slower alone', value: together / Math.max(...alone), unit: '×', goal: '<= 1.4' },
      ]
    } finally {
      await data.remove()
    }
  },
}

/** A first run into empty warehouses of an installation of its own, whose server is up already. */
async function landToPublish(kinds: Kinds, data: string): Promise<number> {
  const workspace = await Workspace.create(kinds)
  try {
    await workspace.command('status')
    return (await workspace.command('run', '--source', 'demo', '--data', data)).seconds
  } finally {
    await workspace.remove()
  }
}
