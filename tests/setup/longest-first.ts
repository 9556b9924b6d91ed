import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Half a minute to five minutes each, the longest first. */
const longest = [
  'tests/crash/crash.test.ts',
  'tests/crash/random-moments.test.ts',
  'warehouses/conformance/postgres.test.ts',
  'tests/publish/fenced.test.ts',
  'tests/publish/untorn.test.ts',
  'warehouses/conformance/broken-adapters.test.ts',
  'tests/extension/extension.test.ts',
  'tests/pipeline/append.test.ts',
  'src/embedded-postgres/server.test.ts',
  'pipeline/conform/readers/csv-properties.test.ts',
]

/**
 * Where vitest remembers no earlier run, as in CI, it begins with the largest files, and some of the longest tests are written in the smallest: begun last, one
 * goes on alone for minutes.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const found = longest.findIndex((path) => moduleId.endsWith(`/${path}`))
      return found < 0 ? longest.length : found
    }
    return (await super.sort(files)).toSorted((one, other) => place(one) - place(other))
  }
}
