import { equal, holds, rejects } from '../expect.js'
import type { ConformanceCase } from '../subject.js'
import { thing } from '../things.js'
import { Workbench } from '../workbench.js'

/** A diagnosis may wait for a server that does not answer, but not for ever. */
const patienceMs = 30_000

export const setupCases: readonly ConformanceCase[] = [
  {
    name: 'setup makes what a warehouse needs, and the second time nothing',
    async run(subject) {
      const bench = await Workbench.open(subject)
      for (const sentence of await bench.warehouse.setup())
        holds(/^[A-Z].*\.$/.test(sentence), `a sentence: ${sentence}`)
      equal(await bench.warehouse.setup(), [], 'what is made the second time')
      const build = await bench.publish([thing('1')])
      equal(await bench.warehouse.setup(), [], 'what is made beside a build')
      equal((await bench.read(build, ['thing_id'])).length, 1, 'the rows after it')
    },
  },
  {
    name: 'a diagnosis of a warehouse that works says in one line what is there, before its first use and after',
    async run(subject) {
      const bench = await Workbench.open(subject)
      const look = async (when: string) => {
        const { found, problems } = await bench.warehouse.diagnose()
        equal(problems, [], `problems ${when} its first use`)
        holds(found !== '' && !found.includes('\n'), `one line: ${found}`)
      }
      await look('before')
      await bench.publish([thing('1')])
      await look('after')
    },
  },
  {
    name: 'a diagnosis of an engine that does not answer is a problem and no error',
    async run(subject) {
      const warehouse = await subject.openUnavailable()
      const started = Date.now()
      const { problems } = await warehouse.diagnose()
      holds(problems.length > 0, 'a problem')
      holds(Date.now() - started < patienceMs, 'an answer in time')
      await rejects(warehouse.setup(), 'WAREHOUSE_UNAVAILABLE', 'setup')
    },
  },
]
