import { expect, test } from 'vitest'
import { networkOf } from './counts.js'
import { FailedAttempts } from './failed-attempts.js'

test.each([
  ['10.1.2.3', '10.1.2.3'],
  ['::ffff:10.1.2.3', '10.1.2.3'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::6', '2001:db8:1:2::/64'],
  ['2001:db8::6', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['', ''],
])('%s is of %s', (address, network) => {
  expect(networkOf(address)).toBe(network)
})

const refused = (attempts: FailedAttempts, address: string, credential: string): unknown => {
  try {
    attempts.check(address, credential)
    return undefined
  } catch (error) {
    return (error as { code: unknown }).code
  }
}

test('who fails too often waits for the next minute, whichever address of his network he takes; others do not', () => {
  let now = 1_000_000
  const attempts = new FailedAttempts(3, () => now)
  for (const last of [1, 2, 3]) {
    expect(refused(attempts, `2001:db8::${last}`, 'bad')).toBeUndefined()
    attempts.failed(`2001:db8::${last}`, 'bad')
  }
  expect(refused(attempts, '2001:db8::9', 'another')).toBe('RATE_LIMITED')
  expect(refused(attempts, '2001:db8:0:1::9', 'another')).toBeUndefined()
  now += 60_000
  expect(refused(attempts, '2001:db8::9', 'another')).toBeUndefined()
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
