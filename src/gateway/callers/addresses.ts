import type { FastifyRequest } from 'fastify'
import ipaddr from 'ipaddr.js'

type Address = ipaddr.IPv4 | ipaddr.IPv6

/** Which addresses are those of proxies whose X-Forwarded-For is believed. `proxies`: addresses and networks (CIDR). */
export function trustedBy(proxies: readonly string[]): (text: string) => boolean {
  const networks = proxies.map(proxyNetwork)
  return (text) => {
    const address = addressIn(text)
    return networks.some(([network, bits]) => address?.kind() === network.kind() && address.match(network, bits))
  }
}

/** An IPv4 address may be written as one of IPv6, and a network of them as well: it means the same ones. */
function proxyNetwork(text: string): readonly [Address, number] {
  if (!text.includes('/')) {
    const address = ipaddr.process(text)
    return [address, address.kind() === 'ipv4' ? 32 : 128]
  }
  const [address, bits] = ipaddr.parseCIDR(text)
  const isMapped = address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() && bits >= 96
  return isMapped ? [address.toIPv4Address(), bits - 96] : [address, bits]
}

/**
 * Whose address a request comes from, in one spelling: of IPv6 its first 64 bits, since one customer of a provider has all addresses behind them.
 * Where a proxy tells none ("unknown", say), it is the proxy's.
 */
export const networkOf = ({ ip, socket }: Pick<FastifyRequest, 'ip' | 'socket'>): string =>
  networkIn(ip) ?? networkIn(socket.remoteAddress ?? '') ?? 'nowhere'

export function networkIn(text: string): string | undefined {
  const address = addressIn(text)
  if (!address || address instanceof ipaddr.IPv4) return address?.toString()
  return `${new ipaddr.IPv6([...address.parts.slice(0, 4), 0, 0, 0, 0])}/64`
}

/** Some proxies write the port of a client as well, and IPv6 in brackets. */
function addressIn(text: string): Address | undefined {
  const plain = /^\[(.+)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text
  if (ipaddr.IPv4.isValidFourPartDecimal(plain)) return ipaddr.IPv4.parse(plain)
  return ipaddr.IPv6.isValid(plain) ? ipaddr.process(plain) : undefined
}
