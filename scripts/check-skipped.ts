import { readFileSync } from 'node:fs'
import { z } from 'zod'

/** A test may be skipped only with a reason in tests/allowed-skips.json: `{ "full name of the test": "why" }`. Reads what vitest reported. */
const report = z.object({
  testResults: z.array(
    z.object({ name: z.string(), assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })) }),
  ),
})
const allowed = z
  .record(z.string(), z.string().min(10))
  .parse(JSON.parse(readFileSync('tests/allowed-skips.json', 'utf8')))
const results = report.parse(JSON.parse(readFileSync('.vitest/results.json', 'utf8'))).testResults
const tests = results.flatMap((file) => file.assertionResults)
const count = (status: string) => tests.filter((test) => test.status === status).length
const skipped = tests.filter((test) => test.status !== 'passed' && test.status !== 'failed')
const unexplained = skipped.filter((test) => allowed[test.fullName] === undefined)
for (const test of unexplained) console.error(`Skipped without a reason in tests/allowed-skips.json: ${test.fullName}`)
if (tests.length === 0) console.error('No test was run.')
console.log(`${count('passed')} passed, ${count('failed')} failed, ${skipped.length} skipped`)
if (unexplained.length > 0 || tests.length === 0) process.exit(1)
