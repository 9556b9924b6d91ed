import type { Benchmark } from './bench.js'
import { Workspace } from './workspace.js'

/** The same figures as the anchor: a Python/psycopg2 pipeline that took 134.9 s on two cores for the same sizes. */
export const pipelineBenchmark: Benchmark = {
  name: 'pipeline',
  describes: '200,000 sales of one item, from generating to published Gold in Postgres, checks on',
  async run(say) {
    const workspace = await Workspace.create(['postgres'])
    try {
      // The server and its databases exist already, as in the anchor.
      await workspace.command('status')
      const sizes = [
        '--sales',
        '200000',
        '--items-per-sale',
        '1',
        '--customers',
        '20000',
        '--products',
        '5000',
        '--inventory',
        '20000',
        '--return-rate',
        '0',
      ]
      const generate = await workspace.command('generate', '--out', workspace.data, ...sizes)
      say(`generated in ${generate.seconds.toFixed(2)} s`)
      const run = await workspace.command('run')
      for (const line of run.output.trim().split('\n')) say(line)
      const seconds = generate.seconds + run.seconds
      return [
        { name: 'generate', value: generate.seconds, unit: 's' },
        { name: 'land to publish', value: run.seconds, unit: 's' },
        { name: 'together', value: seconds, unit: 's', goal: '< 9' },
        { name: 'anchor 134.9 s / ours', value: 134.9 / seconds, unit: '×' },
        { name: 'peak resident memory of the runner', value: run.peakMb, unit: 'MB' },
      ]
    } finally {
      await workspace.remove()
    }
  },
}
