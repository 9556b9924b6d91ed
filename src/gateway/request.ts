import type { FastifyRequest } from 'fastify'
import { GoldgateError, type RequestFacts } from '../../resolvers/index.js'

/**
 * What a request says besides its query: who asks, the warehouse header, and whether its client is still there. A class, since a getter of an object of its own is kept by
 * V8 with all that it refers to until the next full collection.
 */
export class FactsOfRequest implements RequestFacts {
  readonly access: RequestFacts['access']
  readonly requestId: string
  readonly explain: boolean
  readonly warehouse: string | undefined

  constructor(
    private readonly request: FastifyRequest,
    readonly place?: RequestFacts['place'],
  ) {
    this.access = request.caller?.access
    this.requestId = request.id
    this.explain = asksToExplain(request)
    this.warehouse = warehouseIn(request)
  }

  get signal(): AbortSignal | undefined {
    return this.request.exchange?.signal
  }

  /** The same of a request whose streams need a place. */
  placing(place: RequestFacts['place']): FactsOfRequest {
    return new FactsOfRequest(this.request, place)
  }
}

export const requestOf = (request: FastifyRequest): FactsOfRequest => new FactsOfRequest(request)

/** The header `x-goldgate-warehouse`. */
export function warehouseIn({ headers }: Pick<FastifyRequest, 'headers'>): string | undefined {
  const header = headers['x-goldgate-warehouse']
  return Array.isArray(header) ? header.join(', ') : header
}

/** Whether the header `x-goldgate-explain` asks what would be read, in place of reading. Throws BAD_REQUEST for a value that it might be meant by. */
export function asksToExplain({ headers }: Pick<FastifyRequest, 'headers'>): boolean {
  const value = headers['x-goldgate-explain']
  if (value === undefined || value === 'false') return false
  if (value === 'true') return true
  throw new GoldgateError('BAD_REQUEST', 'The header x-goldgate-explain takes true or false.')
}
