import type { Gate } from '../../warehouses/contract/builds.js'
import type { ModelDigest } from '../../warehouses/contract/parity.js'
import type { Warehouse, WarehouseWriter } from '../../warehouses/contract/warehouse.js'
import type { BuildRecord } from '../control/builds.js'
import type { RunContext } from '../steps/context.js'
import { type Progress, runStep, write } from '../steps/step.js'
import { digestsOf, takeDigests } from './take-digests.js'

/**
 * Compares the build with what each other warehouse has of it, model by model, and settles whether it may be published. Where no other warehouse is
 * configured no row is read: what this one holds is digested when another one comes, or when somebody asks.
 */
export async function parityStep(
  context: RunContext,
  warehouse: Warehouse,
  writer: WarehouseWriter,
  build: BuildRecord,
): Promise<Gate> {
  const { name, dialect } = warehouse
  const others = context.warehouses.filter((each) => each.name !== name)
  const settle = (digests: readonly ModelDigest[]) =>
    write(context, 'control.parity', name, () =>
      context.parity.settle(context.lease, build, digests, {
        severity: context.paritySeverity,
        among: others.map((each) => each.name),
      }),
    )
  const work = async (progress: Progress) => {
    if (others.length === 0) {
      await settle([])
      return { message: 'no other warehouse to compare with' }
    }
    let rows = 0n
    const own = { build, dialect, query: writer.query.bind(writer) }
    const digests = await takeDigests(context.models, own, (digest) => {
      rows += digest.rows
      progress({ rows, message: digest.model })
    })
    await digestOthers(context, name, others, build)
    await settle(digests)
    return { rows }
  }
  await runStep(context, 'parity', name, work, (await context.builds.newest(name))?.status === 'built')
  return (await context.builds.newest(name))?.status === 'passed' ? 'passed' : 'failed'
}

/** What others passed while there was nothing to compare it with. One that does not answer is compared with the next build. */
async function digestOthers(
  context: RunContext,
  subject: string,
  others: readonly Warehouse[],
  { buildId }: BuildRecord,
): Promise<void> {
  const { parity, lease, models, signal } = context
  for (const warehouse of others) {
    for (const attempt of await parity.undigested(buildId, [warehouse.name])) {
      if (attempt.status !== 'passed') continue
      const digests = await digestsOf(models, warehouse, attempt, signal).catch((error: unknown) => {
        signal.throwIfAborted()
        const message = `not compared with ${warehouse.name}: ${error instanceof Error ? error.message : error}`
        context.emit({ step: 'parity', subject, state: 'progress', message })
      })
      if (digests)
        await write(context, 'control.parity', `${subject} beside ${warehouse.name}`, () =>
          parity.keep(lease, attempt, digests),
        )
    }
  }
}
