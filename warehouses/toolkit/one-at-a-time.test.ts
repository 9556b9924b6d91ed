import { setImmediate as turn } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { OneAtATime } from './one-at-a-time.js'

it('runs work in the order of the calls, never two at once', async () => {
  const turns = new OneAtATime()
  const log: string[] = []
  const work = (name: string) => async () => {
    log.push(`${name} begins`)
    await turn()
    log.push(`${name} ends`)
    return name
  }
  expect(await Promise.all([turns.run(work('a')), turns.run(work('b'))])).toEqual(['a', 'b'])
  expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends'])
})

it('goes on after a failure, which is its caller’s alone', async () => {
  const turns = new OneAtATime()
  const failing = turns.run(() => Promise.reject(new Error('mine')))
  const next = turns.run(async () => 'fine')
  await expect(failing).rejects.toThrow('mine')
  expect(await next).toBe('fine')
})
