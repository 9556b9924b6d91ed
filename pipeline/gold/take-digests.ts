import type { GoldModel } from '../../models/types.js'
import { compileDigest, readDigest } from '../../warehouses/compiler/digest.js'
import type { BuildRef } from '../../warehouses/contract/builds.js'
import type { Dialect } from '../../warehouses/contract/dialect.js'
import type { ModelDigest } from '../../warehouses/contract/parity.js'
import type { Row, Statement } from '../../warehouses/contract/values.js'
import type { WarehouseReader } from '../../warehouses/contract/warehouse.js'
import { sideBySide } from '../steps/side-by-side.js'

/** Whole tables are read: that takes longer than a question may. */
const patienceMs = 3_600_000

interface DigestedBuild {
  readonly build: BuildRef
  readonly dialect: Dialect
  query(statement: Statement): Promise<Row[]>
}

/** Reads all rows of these models of a build. Throws what `query` throws. */
export async function takeDigests(
  models: readonly GoldModel[],
  { build, dialect, query }: DigestedBuild,
  taken: (digest: ModelDigest) => void = () => {},
): Promise<ModelDigest[]> {
  const digests: ModelDigest[] = []
  // The widest first: their text takes longest.
  const widest = models.toSorted((one, other) => other.columns.length - one.columns.length)
  await sideBySide(
    widest.map((model) => [model]),
    async (model) => {
      const [row] = await query(compileDigest(model, build, dialect))
      const digest = readDigest(model, row)
      digests.push(digest)
      taken(digest)
    },
  )
  return digests
}

/** The same of a build that was finished, as a reader. */
export function digestsOf(
  models: readonly GoldModel[],
  warehouse: WarehouseReader,
  build: BuildRef,
  signal?: AbortSignal,
): Promise<ModelDigest[]> {
  const options = { timeoutMs: patienceMs, ...(signal && { signal }) }
  const query = (statement: Statement) => warehouse.query(statement, [build], options)
  return takeDigests(models, { build, dialect: warehouse.dialect, query })
}
