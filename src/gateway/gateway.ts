import { type AddressInfo, isIPv6 } from 'node:net'
import { createGateway, type GatewaySettings } from './app.js'
import { requireLoopback } from './loopback.js'

export interface ListenSettings extends GatewaySettings {
  /** A loopback address or `localhost`. */
  readonly host: string
  /** 0 = any free port. */
  readonly port: number
}

export interface RunningGateway {
  /** Without a path: `http://127.0.0.1:4000`. */
  readonly url: string
  /** Drains: answers what has begun, takes nothing new. Warehouses and control store stay open. */
  close(): Promise<void>
}

/**
 * Serves GraphQL at /graphql, health at /health/live and /health/ready. Throws AUTHENTICATION_REQUIRED_TO_LISTEN (a GoldgateError) for
 * any other address than loopback, and Node's error where the port is taken.
 */
export async function startGateway({ host, port, ...settings }: ListenSettings): Promise<RunningGateway> {
  requireLoopback(host)
  const gateway = await createGateway(settings)
  try {
    await gateway.app.listen({ host, port })
    // A name is what the resolver makes of it; only the addresses that came of it count.
    const addresses = gateway.app.addresses().filter((address) => typeof address === 'object')
    for (const { address } of addresses) requireLoopback(address)
    return { url: urlOf(host, addresses), close: gateway.close }
  } catch (error) {
    await gateway.close()
    throw error
  }
}

function urlOf(host: string, addresses: readonly AddressInfo[]): string {
  const [first] = addresses
  if (!first) throw new Error('The gateway listens nowhere')
  const name = isIPv6(host) ? `[${host}]` : host
  return `http://${name}:${first.port}`
}
