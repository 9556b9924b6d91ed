import { BlockList, isIP } from 'node:net'
import { GoldgateError } from '../../resolvers/index.js'

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

/** Throws AUTHENTICATION_REQUIRED_TO_LISTEN for an address that other machines may reach. */
export function requireLoopback(host: string): void {
  if (isLoopback(host)) return
  throw new GoldgateError(
    'AUTHENTICATION_REQUIRED_TO_LISTEN',
    `The gateway does not listen on ${JSON.stringify(host)}: other machines could read everything, since nobody is ` +
      'asked who they are. Set gateway.authentication, or the host to 127.0.0.1, ::1 or localhost, or say with gateway.exposed that something else keeps strangers out.',
  )
}

/** The host of a `Host` header, without its port. */
export const hostOf = (header: string): string => header.replace(/:\d*$/, '')
