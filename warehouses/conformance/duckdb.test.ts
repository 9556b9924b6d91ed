import { duckdbUnderTest } from './adapters-under-test.js'
import { conformanceSuite } from './suite.js'

conformanceSuite(duckdbUnderTest)
