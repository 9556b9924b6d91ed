import { postgresUnderTest } from './adapters-under-test.js'
import { conformanceSuite } from './suite.js'

conformanceSuite(postgresUnderTest)
