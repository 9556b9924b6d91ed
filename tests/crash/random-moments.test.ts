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
  const atRandom = () => killAfter(survival.installation.env, random.next() * survival.runMilliseconds)
  let before = 0
  // In pairs: the run that takes up what was killed is killed too.
  for (let i = 0; i < kills; i += 2) {
    const killed = await survival.kill(atRandom, atRandom)
    before += killed.filter(({ end }) => end === undefined).length
  }
  // Most of them fell into the run.
  expect(before).toBeGreaterThan(kills / 2)
})
