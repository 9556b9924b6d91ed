import { expect, test } from 'vitest'
import { hostOf, isLoopback } from './loopback.js'

test.each(['127.0.0.1', '127.8.9.10', '::1', '[::1]', '0:0:0:0:0:0:0:1', 'localhost', 'LOCALHOST'])(
  '%s is loopback',
  (host) => {
    expect(isLoopback(host)).toBe(true)
  },
)

test.each([
  '0.0.0.0',
  '::',
  '',
  '10.0.0.1',
  '128.0.0.1',
  '127.1',
  '127.0.0.1.example.com',
  'localhost.example.com',
  'example.com',
  '::ffff:10.0.0.1',
  'fe80::1',
])('%j is none: other machines may be there', (host) => {
  expect(isLoopback(host)).toBe(false)
})

test('the host of a header comes without its port', () => {
  expect(['localhost:4000', '127.0.0.1', '[::1]:4000'].map(hostOf)).toEqual(['localhost', '127.0.0.1', '[::1]'])
})
