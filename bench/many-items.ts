import type { Benchmark } from './bench.js'
import { Workspace } from './workspace.js'

export const manyItemsBenchmark: Benchmark = {
  name: 'many-items',
  describes: '500,000 sales with 1.5 million items, conformed, loaded and built in Postgres and DuckDB',
  async run(say) {
    const workspace = await Workspace.create(['postgres', 'duckdb'])
    try {
      await workspace.command('status')
      const sizes = ['--sales', '500000', '--customers', '50000', '--products', '5000', '--inventory', '20000']
      const generate = await workspace.command('generate', '--out', workspace.data, ...sizes)
      say(`generated in ${generate.seconds.toFixed(2)} s, ${generate.peakMb.toFixed(0)} MB resident`)
      const run = await workspace.command('run')
      for (const line of run.output.trim().split('\n')) say(line)
      return [
        { name: 'land to publish, both warehouses', value: run.seconds, unit: 's', goal: '< 60' },
        { name: 'peak resident memory of the runner and its children', value: run.peakMb, unit: 'MB', goal: '< 1500' },
        { name: 'peak memory of the embedded PostgreSQL', value: run.postgresPeakMb, unit: 'MB' },
      ]
    } finally {
      await workspace.remove()
    }
  },
}
