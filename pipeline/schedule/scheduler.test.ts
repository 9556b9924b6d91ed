import { afterEach, describe, expect, it, vi } from 'vitest'
import { type RefreshOutcome, Scheduler } from './scheduler.js'

afterEach(() => vi.useRealTimers())

/** A refresh that goes on until it is told to end. */
function slowRefresh() {
  const calls: { sources: readonly string[]; end: (error?: Error) => void }[] = []
  const refresh = (sources: readonly string[]) =>
    new Promise<RefreshOutcome>((done, fail) =>
      calls.push({ sources, end: (error) => (error ? fail(error) : done('done')) }),
    )
  return { calls, refresh }
}

describe('the scheduler', () => {
  it('refreshes a source when its expression comes due in its time zone', async () => {
    vi.useFakeTimers({ now: new Date('2026-03-01T22:59:30Z') })
    const refreshed: (readonly string[])[] = []
    const schedules = [{ source: 'demo', cron: '0 0 * * *', timezone: 'Europe/Berlin' }]
    const scheduler = new Scheduler(
      schedules,
      async (sources) => {
        refreshed.push(sources)
        return 'done'
      },
      () => {},
    )
    await vi.advanceTimersByTimeAsync(25_000)
    expect(refreshed).toEqual([])
    await vi.advanceTimersByTimeAsync(10_000)
    expect(refreshed).toEqual([['demo']])
    await scheduler.stop()
  })

  it('never runs two refreshes at once, and makes one run of all ticks that came meanwhile', async () => {
    const { calls, refresh } = slowRefresh()
    const scheduler = new Scheduler([], refresh, () => {})
    scheduler.tick('a')
    for (const source of ['b', 'a', 'b', 'a']) scheduler.tick(source)
    expect(calls.map((call) => call.sources)).toEqual([['a']])
    calls[0]?.end()
    await vi.waitFor(() => expect(calls).toHaveLength(2))
    expect(calls[1]?.sources).toEqual(['a', 'b'])
    calls[1]?.end()
    await scheduler.stop()
    expect(calls).toHaveLength(2)
  })

  it('goes on after a refresh that failed', async () => {
    const { calls, refresh } = slowRefresh()
    const errors: unknown[] = []
    const scheduler = new Scheduler([], refresh, (error) => errors.push(error))
    scheduler.tick('a')
    calls[0]?.end(new Error('broken'))
    await vi.waitFor(() => expect(errors).toHaveLength(1))
    scheduler.tick('a')
    await vi.waitFor(() => expect(calls).toHaveLength(2))
    calls[1]?.end()
    await scheduler.stop()
  })

  it('ends the run that is going on before it stops, and starts no other', async () => {
    const { calls, refresh } = slowRefresh()
    const scheduler = new Scheduler([], refresh, () => {})
    scheduler.tick('a')
    scheduler.tick('b')
    let stopped = false
    const stopping = scheduler.stop().then(() => {
      stopped = true
    })
    await Promise.resolve()
    expect(stopped).toBe(false)
    calls[0]?.end()
    await stopping
    scheduler.tick('c')
    expect(calls).toHaveLength(1)
  })

  describe('while another process runs the pipeline', () => {
    const patience = { retryMs: 10_000, attempts: 4 }
    /** The other process runs for so many attempts. */
    function schedulerBeside(busyTimes: number) {
      vi.useFakeTimers()
      const attempts: string[] = []
      const errors: unknown[] = []
      const refresh = async (sources: readonly string[]) => {
        attempts.push(sources.join())
        return attempts.length <= busyTimes ? 'busy' : 'done'
      }
      const scheduler = new Scheduler([], refresh, (error) => errors.push(error), patience)
      return { attempts, errors, scheduler }
    }

    it('keeps a source due and refreshes it when that has ended, with what came due meanwhile', async () => {
      const { attempts, errors, scheduler } = schedulerBeside(2)
      scheduler.tick('b')
      await vi.advanceTimersByTimeAsync(9_999)
      expect(attempts).toEqual(['b'])
      scheduler.tick('a')
      await vi.advanceTimersByTimeAsync(1)
      expect(attempts).toEqual(['b', 'a,b'])
      await vi.advanceTimersByTimeAsync(60_000)
      expect(attempts).toEqual(['b', 'a,b', 'a,b'])
      expect(errors).toEqual([])
      await scheduler.stop()
    })

    it('gives up after so many attempts, says so, and tries again at the next tick', async () => {
      const { attempts, errors, scheduler } = schedulerBeside(4)
      scheduler.tick('a')
      await vi.advanceTimersByTimeAsync(600_000)
      expect(attempts).toHaveLength(4)
      expect(errors).toEqual([expect.objectContaining({ message: expect.stringContaining('a wait for') })])
      scheduler.tick('a')
      await vi.advanceTimersByTimeAsync(0)
      expect(attempts).toHaveLength(5)
      await scheduler.stop()
    })

    it('stops at once', async () => {
      const { attempts, scheduler } = schedulerBeside(9)
      scheduler.tick('a')
      await vi.advanceTimersByTimeAsync(1)
      await scheduler.stop()
      await vi.advanceTimersByTimeAsync(60_000)
      expect(attempts).toEqual(['a'])
    })
  })
})
