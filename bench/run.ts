import { badInputBenchmark } from './bad-input.js'
import { type Benchmark, formatFigure, isReached, machine } from './bench.js'
import { byHandBenchmark } from './by-hand.js'
import { exportsBenchmark } from './exports.js'
import { gatewayBenchmark } from './gateway.js'
import { groupsBenchmark } from './groups.js'
import { loadBenchmark } from './load.js'
import { manyItemsBenchmark } from './many-items.js'
import { pipelineBenchmark } from './pipeline.js'
import { questionsBenchmark } from './questions.js'
import { replicationBenchmark } from './replication.js'
import { warehousesBenchmark } from './warehouses.js'

/** `npm run bench` runs all, `npm run bench -- pipeline gateway` those. Every ratio is of two things measured in the same run. Ends with 1 where a goal is missed. */
const benchmarks: readonly Benchmark[] = [
  pipelineBenchmark,
  byHandBenchmark,
  manyItemsBenchmark,
  gatewayBenchmark,
  groupsBenchmark,
  questionsBenchmark,
  exportsBenchmark,
  loadBenchmark,
  badInputBenchmark,
  replicationBenchmark,
  warehousesBenchmark,
]

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !benchmarks.some((benchmark) => benchmark.name === name))
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(', ')}. There are: ${benchmarks.map((b) => b.name).join(', ')}.`)
  process.exit(2)
}
console.log(machine())
for (const benchmark of benchmarks) {
  if (asked.length > 0 && !asked.includes(benchmark.name)) continue
  console.log(`\n${benchmark.name}: ${benchmark.describes}`)
  const figures = await benchmark.run((line) => console.log(`  … ${line}`))
  for (const figure of figures) console.log(formatFigure(figure))
  if (!figures.every(isReached)) process.exitCode = 1
}
