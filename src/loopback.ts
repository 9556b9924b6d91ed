import { BlockList, isIP } from 'node:net'

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

/** True for 127.0.0.0/8, ::1 and localhost; `[::1]` as in a URL is ::1. */
export function isLoopback(host: string): boolean {
  const address = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host
  const version = isIP(address)
  if (version === 0) return address.toLowerCase() === 'localhost'
  return loopback.check(address, version === 4 ? 'ipv4' : 'ipv6')
}

/** The host of a `Host` header, without its port. */
export const hostOf = (header: string): string => header.replace(/:\d*$/, '')
