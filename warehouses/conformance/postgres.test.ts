import { createTestDatabase } from '../../tests/setup/database.js'
import { postgresUnderTest } from './adapters-under-test.js'
import { conformanceSuite } from './suite.js'

conformanceSuite(postgresUnderTest(createTestDatabase))
