import { describe, expect, test } from 'vitest'
import { Progress } from './progress.js'

function recorder(isTTY: boolean) {
  let text = ''
  const clock = { now: 0 }
  const out = {
    isTTY,
    columns: 60,
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
