import { describe, expect, test, vi } from 'vitest'
import { Progress } from './progress.js'

function recorder(isTTY: boolean, columns = 60) {
  let text = ''
  const clock = { now: 0 }
  const out = {
    isTTY,
    columns,
    write: (part: string) => {
      text += part
    },
  }
  return { progress: new Progress(out, () => clock.now), clock, text: () => text }
}

describe('in a log', () => {
  test('each step that ends is a line with rows, bytes and seconds', () => {
    const { progress, clock, text } = recorder(false)
    progress.handle({ step: 'load', subject: 'postgres', state: 'started' })
    clock.now = 1_500
    progress.handle({ step: 'load', subject: 'postgres', state: 'done', rows: 20_000, bytes: 1_234_567 })
    expect(text()).toMatch(/^ {2}load +postgres +20,000 rows +1\.2 MB +1\.50 s\n$/)
  })

  test('a long step reports now and then, not on every event', () => {
    const { progress, clock, text } = recorder(false)
    progress.handle({ step: 'load', subject: 'postgres', state: 'started' })
    for (let at = 100; at <= 11_000; at += 100) {
      clock.now = at
      progress.handle({ step: 'load', subject: 'postgres', state: 'progress', rows: at })
    }
    expect(text().split('\n').slice(0, -1)).toEqual([
      expect.stringMatching(/5,000 rows +5\.00 s \.\.\.$/),
      expect.stringMatching(/10,000 rows +10\.0 s \.\.\.$/),
    ])
  })

  test('a step that failed or was skipped says so, on one line', () => {
    const { progress, text } = recorder(false)
    progress.handle({ step: 'land', subject: 'demo', state: 'skipped', message: 'unchanged' })
    progress.handle({ step: 'land', subject: 'other', state: 'failed', message: 'no\nfile\u001b[2J' })
    expect(text()).toMatch(/land +demo +skipped: unchanged\n.*land +other +0\.00 s +FAILED: no file \[2J\n$/)
  })

  test('nothing is overwritten', () => {
    const { progress, text } = recorder(false)
    progress.handle({ step: 'land', subject: 'demo', state: 'started' })
    progress.end()
    expect(text()).toBe('')
  })
})

describe('a step that sends no events', () => {
  const silentFor = (isTTY: boolean, after?: (progress: Progress) => void) => {
    vi.useFakeTimers()
    try {
      const { progress, clock, text } = recorder(isTTY, 100)
      progress.handle({ step: 'load', subject: 'bigquery', state: 'started' })
      after?.(progress)
      for (let at = 1_000; at <= 12_000; at += 1_000) {
        clock.now = at
        vi.advanceTimersByTime(1_000)
      }
      progress.end()
      expect(vi.getTimerCount()).toBe(0)
      return text()
    } finally {
      vi.useRealTimers()
    }
  }

  test('is a line in a log every five seconds all the same', () => {
    expect(silentFor(false).split('\n').slice(0, -1)).toEqual([
      expect.stringMatching(/load +bigquery +5\.00 s \.\.\.$/),
      expect.stringMatching(/load +bigquery +10\.0 s \.\.\.$/),
    ])
  })

  test('counts its seconds on a terminal', () => {
    const shown = silentFor(true)
    expect(shown).toContain('1.00 s')
    expect(shown).toContain('12.0 s')
    expect(shown).not.toContain('\n')
  })

  test('is not told of any more when it has ended', () => {
    const text = silentFor(false, (progress) => progress.handle({ step: 'load', subject: 'bigquery', state: 'done' }))
    expect(text.match(/\n/g)).toHaveLength(1)
  })
})

describe('a run', () => {
  const log = (isTTY: boolean) => {
    vi.useFakeTimers()
    try {
      const { progress, clock, text } = recorder(isTTY)
      const handle = (step: string, subject: string, state: 'started' | 'done') => {
        progress.handle({ step, subject, state })
        clock.now += 1_000
        vi.advanceTimersByTime(1_000)
      }
      handle('run', 'r1', 'started')
      handle('load', 'duckdb', 'started')
      handle('load', 'duckdb', 'done')
      handle('run', 'r1', 'done')
      const ended = text()
      expect(vi.getTimerCount()).toBe(0)
      clock.now += 60_000
      vi.advanceTimersByTime(60_000)
      expect(text()).toBe(ended)
      return ended
    } finally {
      vi.useRealTimers()
    }
  }

  test('that has ended is silent, and no line beside its steps', () => {
    expect(log(false)).toMatch(/^ {2}load +duckdb +1\.00 s\n$/)
  })

  test('that has ended leaves no line on a terminal that would be overwritten', () => {
    expect(log(true).endsWith('\r\u001b[2K')).toBe(true)
  })
})

describe('on a terminal', () => {
  test('the last line shows what goes on, no wider than the terminal, and gives way to the lines of steps that ended', () => {
    const { progress, clock, text } = recorder(true)
    progress.handle({ step: 'load', subject: 'postgres', state: 'started' })
    progress.handle({ step: 'load', subject: 'duckdb', state: 'started' })
    clock.now = 200
    progress.handle({ step: 'load', subject: 'duckdb', state: 'done', rows: 7 })
    progress.handle({ step: 'load', subject: 'postgres', state: 'done', rows: 7 })
    progress.end()
    const shown = text().split('\r\u001b[2K')
    for (const live of shown.filter((part) => !part.includes('\n'))) expect(live.length).toBeLessThan(60)
    expect(shown.at(-1)).toMatch(/postgres +7 rows/)
    expect(text().match(/\n/g)).toHaveLength(2)
  })

  test('progress is drawn a few times a second only', () => {
    const { progress, clock, text } = recorder(true)
    progress.handle({ step: 'generate', subject: 'demo', state: 'started' })
    for (let at = 1; at <= 1_000; at += 1) {
      clock.now = at
      progress.handle({ step: 'generate', subject: 'demo', state: 'progress', rows: at })
    }
    expect(text().split('\r').length).toBeLessThan(16)
  })
})

test('a step of the command’s own is reported as failed when it throws', async () => {
  const { progress, text } = recorder(false)
  await expect(progress.step('open', 'database', () => Promise.reject(new Error('x')))).rejects.toThrow('x')
  expect(text()).toMatch(/open +database +0\.00 s +FAILED\n/)
})
