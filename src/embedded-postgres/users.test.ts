import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { breakerOf } from './lock.js'
import { ServerUsers } from './users.js'

/** A disk on which some removals take longer than others, so that one process removes what another looked at before. */
vi.mock('node:fs/promises', async (load) => {
  const real = await load<typeof import('node:fs/promises')>()
  let calls = 0
  const slowRm: typeof real.rm = async (path, options) => {
    calls += 1
    await pause((calls % 4) * 8)
    return real.rm(path, options)
  }
  return { ...real, rm: slowRm }
})

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'goldgate-users-'))
})
afterEach(() => rm(directory, { recursive: true }))

/** No process has this number. */
const dead = '999999999 12345'

describe('the lock of an embedded server', () => {
  it('has one holder at a time, also when many find the lock of a killed process at once', async () => {
    let inside = 0
    let most = 0
    const action = async () => {
      inside += 1
      most = Math.max(most, inside)
      await pause(20)
      inside -= 1
    }
    for (let round = 0; round < 3; round++) {
      await writeFile(join(directory, 'lock'), `${dead}${round}`)
      await Promise.all(Array.from({ length: 8 }, () => new ServerUsers(directory).exclusively(action)))
    }
    expect(most).toBe(1)
    expect(await readdir(directory)).toEqual([])
  })

  it('is taken from a process that was killed while it took it from another', async () => {
    const users = new ServerUsers(directory)
    const lock = join(directory, 'lock')
    await writeFile(lock, dead)
    await writeFile(breakerOf(lock, dead), `${dead}6`)
    expect(await users.exclusively(async () => 'in')).toBe('in')
    expect(await readdir(directory)).toEqual([])
  })

  it('is taken from a machine that crashed before its content was on disk', async () => {
    await writeFile(join(directory, 'lock'), '')
    expect(await new ServerUsers(directory).exclusively(async () => 'in')).toBe('in')
  })
})
