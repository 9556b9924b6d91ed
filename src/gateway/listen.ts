import { type AddressInfo, isIPv6 } from 'node:net'
import { GoldgateError } from '../../resolvers/index.js'
import { isLoopback } from '../loopback.js'
import { buildGateway } from './gateway.js'
import type { GatewayLogger } from './logger.js'
import type { GatewaySettings } from './settings.js'

export interface ListenSettings extends GatewaySettings {
  /** A loopback address or `localhost`, unless callers have to prove who they are, or `exposed`. */
  readonly host: string
  /** 0 = any free port. */
  readonly port: number
  /** Other machines may reach it, although nobody is asked who they are: said in the log. */
  readonly exposed?: boolean
  /** Left out: on where it listens on loopback. */
  readonly metrics?: boolean
}

export interface RunningGateway {
  /** Without a path: `http://127.0.0.1:4000`. */
  readonly url: string
  /** Drains: answers what has begun, takes nothing new. Warehouses and control store stay open. */
  close(): Promise<void>
}

/**
 * Serves every path of `registerRoutes`. Throws AUTHENTICATION_REQUIRED_TO_LISTEN (a GoldgateError) for
 * any other address than loopback unless told that this is meant, and Node's error where the port is taken.
 */
export async function startGateway({
  host,
  port,
  exposed = false,
  ...settings
}: ListenSettings): Promise<RunningGateway> {
  const { verifiers = [], anonymous } = settings.authentication ?? {}
  const asks = verifiers.length > 0 && anonymous !== 'unrestricted'
  const onlyHere = !exposed && !asks
  if (onlyHere) requireLoopback(host)
  const gateway = await buildGateway({ ...settings, metrics: settings.metrics ?? isLoopback(host) })
  try {
    await gateway.app.listen({ host, port })
    // A name is what the resolver makes of it; only the addresses that came of it count.
    const addresses = gateway.app.addresses().filter((address) => typeof address === 'object')
    if (onlyHere) for (const { address } of addresses) requireLoopback(address)
    if (!asks) warnOfExposure(addresses, settings.logger)
    return { url: urlOf(host, addresses), close: gateway.close }
  } catch (error) {
    await gateway.close()
    throw error
  }
}

/** Throws AUTHENTICATION_REQUIRED_TO_LISTEN for an address that other machines may reach. */
function requireLoopback(host: string): void {
  if (isLoopback(host)) return
  throw new GoldgateError(
    'AUTHENTICATION_REQUIRED_TO_LISTEN',
    `The gateway does not listen on ${JSON.stringify(host)}: other machines could read everything, since nobody is ` +
      'asked who they are. Set gateway.authentication, or the host to 127.0.0.1, ::1 or localhost, or say with gateway.exposed that something else keeps strangers out.',
  )
}

function warnOfExposure(addresses: readonly AddressInfo[], logger: GatewayLogger): void {
  const open = addresses.map(({ address }) => address).filter((address) => !isLoopback(address))
  if (open.length === 0) return
  logger.warn(
    'EXPOSED: the gateway listens beyond this machine and asks nobody who they are. Whoever reaches it reads everything. ' +
      'Publish its port on loopback only, or put a proxy that asks before it.',
    { addresses: open },
  )
}

function urlOf(host: string, addresses: readonly AddressInfo[]): string {
  const [first] = addresses
  if (!first) throw new Error('The gateway listens nowhere')
  // Every address of this machine is none that can be opened.
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : isIPv6(host) ? `[${host}]` : host
  return `http://${name}:${first.port}`
}
