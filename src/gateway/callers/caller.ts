import type { FastifyRequest } from 'fastify'
import type { Access } from '../../../resolvers/index.js'
import { networkOf } from './addresses.js'

/** Whoever sent a request, once the gateway knows. */
export interface Caller {
  /** For logs and limits of rate: `anonymous`, the id of a key, the subject of a token (`token` where it has none). Never a secret. */
  readonly name: string
  /** Others have the same name: a limit of rate tells them by their address. */
  readonly nameless?: boolean | undefined
  /** Milliseconds since 1970: from then on he has to be asked again, whatever is kept of him. */
  readonly believedUntil: number
  /** What he proved himself by may be taken from him before it is over. */
  readonly revocable?: boolean | undefined
  readonly access: Access
}

/** What the requests of one caller are counted under. Who has no name of his own is told by his address. */
export const whoIs = ({ name, nameless }: Caller, request: Pick<FastifyRequest, 'ip' | 'socket'>): string =>
  nameless ? `${name} ${networkOf(request)}` : name

/** Tells who sent a request. Throws a GoldgateError for one who may not ask at all. */
export type Authenticate = (request: FastifyRequest) => Promise<Caller>
