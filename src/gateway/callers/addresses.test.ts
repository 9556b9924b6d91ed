import { expect, test } from 'vitest'
import { networkIn, trustedBy } from './addresses.js'

test.each([
  ['10.1.2.3', '10.1.2.3'],
  ['10.1.2.3:65000', '10.1.2.3'],
  ['::ffff:10.1.2.3', '10.1.2.3'],
  ['::ffff:a01:203', '10.1.2.3'],
  ['[::ffff:10.1.2.3]:80', '10.1.2.3'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['[2001:0DB8:1:2::6]', '2001:db8:1:2::/64'],
  ['2001:db8::6', '2001:db8::/64'],
  ['fe80::1%eth0', 'fe80::/64'],
  ['::1', '::/64'],
  ['', undefined],
  ['unknown', undefined],
  ['127.1', undefined],
  ['10.1.2.3:http', undefined],
  ['10.1.2.3.4', undefined],
  ['[10.1.2.3', undefined],
  [`${'0'.repeat(14_000)}::1`, undefined],
])('%s is of %s', (text, network) => {
  expect(networkIn(text)).toBe(network)
})

test('a proxy is trusted by its address or its network, in any spelling', () => {
  const trusted = trustedBy([
    ...['10.0.0.7', '10.9.0.0/16', '2001:db8::/32', 'fd00::7'],
    ...['::ffff:172.16.0.0/108', '::ffff:192.168.1.1/128'],
  ])
  for (const proxy of ['10.0.0.7', '::ffff:10.0.0.7', '10.9.255.1:443', '2001:DB8:ffff::1', '[fd00:0::7]:80'])
    expect(trusted(proxy), proxy).toBe(true)
  for (const proxy of ['172.31.255.255', '::ffff:172.16.0.1', '192.168.1.1']) expect(trusted(proxy), proxy).toBe(true)
  for (const other of ['172.32.0.0', '192.168.1.2', '10.0.0.8', '10.10.0.1', '2001:db9::1', 'fd00::8', 'unknown', ''])
    expect(trusted(other), other).toBe(false)
})
