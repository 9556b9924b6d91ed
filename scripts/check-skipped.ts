import { readFileSync } from 'node:fs'
import { z } from 'zod'

/**
 * A test may be skipped only with a reason in tests/allowed-skips.json: `{ "full name of the test": "why" }`. Reads what vitest reported, of
 * `npm test` and of `npm run test:servers`; both must have run.
 */
const report = z.object({
  testResults: z.array(
    z.object({ name: z.string(), assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })) }),
  ),
})
const allowed = z
  .record(z.string(), z.string().min(10))
  .parse(JSON.parse(readFileSync('tests/allowed-skips.json', 'utf8')))
const read = (path: string) =>
  report.parse(JSON.parse(readFileSync(path, 'utf8'))).testResults.flatMap((file) => file.assertionResults)
const reports = ['.vitest/results.json', '.vitest/servers.json'].map((path) => ({ path, tests: read(path) }))
const tests = reports.flatMap((each) => each.tests)
const count = (status: string) => tests.filter((test) => test.status === status).length
const skipped = tests.filter((test) => test.status !== 'passed' && test.status !== 'failed')
const unexplained = skipped.filter((test) => allowed[test.fullName] === undefined)
for (const test of unexplained) console.error(`Skipped without a reason in tests/allowed-skips.json: ${test.fullName}`)
/** Nobody shall take a run for whole that was not. */
const reasons = new Set(skipped.flatMap((test) => allowed[test.fullName] ?? []))
for (const reason of reasons) {
  const tests = skipped.filter((test) => allowed[test.fullName] === reason)
  console.log(`${tests.length} skipped: ${reason}`)
}
const empty = reports.filter((each) => each.tests.length === 0)
for (const { path } of empty) console.error(`No test was run: ${path}.`)
console.log(`${count('passed')} passed, ${count('failed')} failed, ${skipped.length} skipped`)
if (unexplained.length > 0 || empty.length > 0) process.exit(1)
