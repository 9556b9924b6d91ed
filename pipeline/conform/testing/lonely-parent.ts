import { SourceError } from '../../sources/source-error.js'
import { conform } from '../conform.js'
import type { ConformRequest } from '../contract.js'
import { things } from './things.js'

/** A program that conforms what it is sent, for a test that kills it. */
process.once('message', (request: ConformRequest) => {
  conform(request, { entities: [things], onProgress: ({ phase }) => process.send?.(phase) }).catch((error: unknown) => {
    process.send?.(error instanceof SourceError ? error.code : String(error))
  })
})
