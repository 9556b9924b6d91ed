import { hash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import type { BuildCatalog } from '../../../warehouses/contract/builds.js'
import type { Caller } from './caller.js'
import { type Looked, WhilePointersStand } from './while-pointers-stand.js'

const maxBytes = 4 * 2 ** 20

/** Callers by what their requests say of them, of which only the SHA-256 is held. */
export class KnownCallers {
  private readonly known: WhilePointersStand<Caller>

  constructor(private readonly catalog: BuildCatalog) {
    this.known = new WhilePointersStand(maxBytes, catalog)
  }

  /** The same as long as nobody's key can have been revoked; undefined: that cannot be told. */
  moment(): object | undefined {
    return this.catalog.current?.()
  }

  look({ headers }: Pick<FastifyRequest, 'headers'>): Looked<Caller> {
    const { authorization = '', 'x-api-key': key = '', 'x-goldgate-role': role = '' } = headers
    return this.known.look(hash('sha256', JSON.stringify([authorization, key, role]), 'base64url'))
  }
}
