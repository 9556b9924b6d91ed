import { describe, expect, it } from 'vitest'
import { Reachability } from './reachability.js'

const refused = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })

describe('whether a store can be reached', () => {
  it('is asked again when a connection was cut once, and no more once it is known', async () => {
    let probes = 0
    const reachability = new Reachability(async () => {
      if (++probes === 1) throw Object.assign(new Error('cut'), { code: 'ECONNRESET' })
    })
    await reachability.require()
    await reachability.require()
    expect(probes).toBe(2)
    reachability.note(new Error('the object is not there'))
    await reachability.require()
    expect(probes).toBe(2)
    reachability.note(refused)
    await reachability.require()
    expect(probes).toBe(3)
  })

  it('is found out once for all who ask at the same time or soon after', async () => {
    let probes = 0
    const reachability = new Reachability(async () => {
      probes++
      throw refused
    })
    await Promise.all([1, 2, 3].map(() => expect(reachability.require()).rejects.toBe(refused)))
    const asked = probes
    expect(asked).toBe(3)
    await expect(reachability.require()).rejects.toBe(refused)
    expect(probes).toBe(asked)
  })

  it('is true of a server that refuses the request', async () => {
    const reachability = new Reachability(() => Promise.reject(Object.assign(new Error(), { code: 403 })))
    await expect(reachability.require()).resolves.toBeUndefined()
  })
})
