import { afterAll, beforeAll, expect, it } from 'vitest'
import { createRandom } from '../../pipeline/sources/demo/random.js'
import { killAfter } from './run-and-kill.js'
import { Survival } from './survival.js'

const kills = 50

let survival: Survival
beforeAll(async () => {
  survival = await Survival.prepare({})
})
afterAll(() => survival?.remove())

// Two warehouses and one store: crash.test.ts goes through every write with three of each, where a run takes three times as long.
it(`a runner that is killed at ${kills} random moments leaves no trace`, { timeout: 1_800_000 }, async () => {
  const random = createRandom(20_261_121, 'moments of kills')
  let before = 0
  for (let i = 0; i < kills; i += 1) {
    const [killed] = await survival.kill(() =>
      killAfter(survival.installation.env, random.next() * survival.runMilliseconds),
    )
    if (killed?.end === undefined) before += 1
  }
  // Most of them fell into the run.
  expect(before).toBeGreaterThan(kills / 2)
})
