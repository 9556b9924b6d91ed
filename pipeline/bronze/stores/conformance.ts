import type { StoreCase } from './conformance/case.js'
import { largeObjectCases } from './conformance/large-object.js'
import { putCases } from './conformance/put-cases.js'
import { readCases } from './conformance/read-cases.js'
import { stateCases } from './conformance/state-cases.js'

/** Run against every kind of store, unedited. */
export const storeCases: readonly StoreCase[] = [...stateCases, ...putCases, ...readCases, ...largeObjectCases]
