import type { Entity } from '../../models/types.js'
import type { SourceErrorCode, SourcePlace } from '../sources/source-error.js'
import type { ConformProgress, ConformRequest, ConformResult } from './contract.js'

/** From the parent to the child, once. */
export interface ConformOrder {
  readonly request: ConformRequest
  readonly entities: readonly Entity[]
}

/** From the child to the parent. */
export type ConformMessage =
  | { readonly kind: 'progress'; readonly progress: ConformProgress }
  | { readonly kind: 'result'; readonly result: ConformResult }
  | {
      readonly kind: 'source-error'
      readonly code: SourceErrorCode
      readonly message: string
      readonly where: SourcePlace
    }
  | { readonly kind: 'error'; readonly message: string }
