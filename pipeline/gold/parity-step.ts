import { compileDigest, readDigest } from '../../warehouses/compiler/digest.js'
import type { Gate } from '../../warehouses/contract/builds.js'
import type { ModelDigest } from '../../warehouses/contract/parity.js'
import type { Warehouse, WarehouseWriter } from '../../warehouses/contract/warehouse.js'
import type { BuildRecord } from '../control/builds.js'
import type { RunContext } from '../steps/context.js'
import { sideBySide } from '../steps/side-by-side.js'
import { runStep, write } from '../steps/step.js'

/**
 * Takes the digest of every model, compares it with that of each other warehouse that has the same build, and settles whether the build
 * may be published.
 */
export async function parityStep(
  context: RunContext,
  warehouse: Warehouse,
  writer: WarehouseWriter,
  build: BuildRecord,
): Promise<Gate> {
  const { name, dialect } = warehouse
  const work = async (progress: (numbers: { readonly rows: bigint; readonly message: string }) => void) => {
    const digests: ModelDigest[] = []
    let rows = 0n
    // The widest first: their text takes longest.
    const models = context.models.toSorted((one, other) => other.columns.length - one.columns.length)
    await sideBySide(
      models.map((model) => [model]),
      async (model) => {
        const [row] = await writer.query(compileDigest(model, build, dialect), build)
        const digest = readDigest(model, row)
        digests.push(digest)
        rows += digest.rows
        progress({ rows, message: model.name })
      },
    )
    const among = context.warehouses.map((each) => each.name)
    await write(context, 'control.parity', name, () =>
      context.parity.settle(context.lease, build, digests, { severity: context.paritySeverity, among }),
    )
    return { rows }
  }
  await runStep(context, 'parity', name, work, (await context.builds.newest(name))?.status === 'built')
  return (await context.builds.newest(name))?.status === 'passed' ? 'passed' : 'failed'
}
