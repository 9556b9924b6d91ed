import { expect, test } from 'vitest'
import { FailedAttempts } from './failed-attempts.js'

const refused = (attempts: FailedAttempts, address: string, credential: string): unknown => {
  try {
    attempts.check(address, credential)
    return undefined
  } catch (error) {
    return (error as { code: unknown }).code
  }
}

test('who fails too often waits for the next minute, others do not', () => {
  let now = 1_000_000
  const attempts = new FailedAttempts(3, () => now)
  for (const guess of ['one', 'two', 'three']) {
    expect(refused(attempts, '2001:db8::/64', guess)).toBeUndefined()
    attempts.failed('2001:db8::/64', guess)
  }
  expect(refused(attempts, '2001:db8::/64', 'another')).toBe('RATE_LIMITED')
  expect(refused(attempts, '2001:db8:0:1::/64', 'another')).toBeUndefined()
  now += 60_000
  expect(refused(attempts, '2001:db8::/64', 'another')).toBeUndefined()
})

test('a credential that was good is let on while others fail at its address, until it is bad itself', () => {
  const attempts = new FailedAttempts(2, () => 1_000_000)
  attempts.succeeded('good')
  for (const guess of ['one', 'two']) attempts.failed('10.0.0.1', guess)
  expect(refused(attempts, '10.0.0.1', 'good')).toBeUndefined()
  expect(refused(attempts, '10.0.0.1', 'guess')).toBe('RATE_LIMITED')
  attempts.failed('10.0.0.1', 'good')
  expect(refused(attempts, '10.0.0.1', 'good')).toBe('RATE_LIMITED')
})
