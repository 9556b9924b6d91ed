import type { StoreCase } from './conformance/case.js'
import { largeObjectCases } from './conformance/large-object.js'
import { putCases } from './conformance/put-cases.js'
import { readCases } from './conformance/read-cases.js'

/** Run against every kind of store, unedited. */
export const storeCases: readonly StoreCase[] = [...putCases, ...readCases, ...largeObjectCases]
