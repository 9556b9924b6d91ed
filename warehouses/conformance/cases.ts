import { buildCases } from './cases/builds.js'
import { byteCases } from './cases/bytes.js'
import { digestCases } from './cases/digests.js'
import { fenceCases } from './cases/fence.js'
import { groupCases } from './cases/groups.js'
import { hostileCases } from './cases/hostile.js'
import { macroCases } from './cases/macros.js'
import { relatedCases } from './cases/related.js'
import { rowCases } from './cases/rows.js'
import { setupCases } from './cases/setup.js'
import { silverCases } from './cases/silver.js'
import { sourceCases } from './cases/sources.js'
import { statementCases } from './cases/statements.js'
import { streamCases } from './cases/streams.js'
import { typeCases } from './cases/types.js'
import type { ConformanceCase } from './subject.js'

/** What every adapter must do. Each case gets an empty warehouse of its own. */
export const conformanceCases: readonly ConformanceCase[] = [
  ...typeCases,
  ...rowCases,
  ...groupCases,
  ...relatedCases,
  ...silverCases,
  ...sourceCases,
  ...buildCases,
  ...digestCases,
  ...macroCases,
  ...fenceCases,
  ...hostileCases,
  ...statementCases,
  ...byteCases,
  ...streamCases,
  ...setupCases,
]
