import type { Warehouse, WarehouseWriter } from '../../warehouses/contract/warehouse.js'
import { type GoldStep, goldPlan } from '../../warehouses/template/gold-plan.js'
import type { BuildRecord } from '../control/builds.js'
import type { RunContext } from '../steps/context.js'
import { sideBySide } from '../steps/side-by-side.js'
import { runStep, write } from '../steps/step.js'

/** The Gold tables of this run's build in one warehouse, under names of their own. Nobody reads them before they are published. */
export async function makeBuild(
  context: RunContext,
  warehouse: Warehouse,
  writer: WarehouseWriter,
  fingerprint: string,
): Promise<BuildRecord> {
  const { run, lease, builds, models } = context
  const entities = context.entities.map((entity) => entity.name)
  const { name } = warehouse
  await runStep(context, 'build', name, async (progress) => {
    const build = { warehouse: name, buildId: run.runId, tag: `${run.runId}_${lease.token}`, fingerprint }
    const modelRows: Record<string, bigint> = {}
    let rows = 0n
    for (const level of levels(goldPlan({ models, entities, dialect: warehouse.dialect, build }))) {
      await sideBySide(level, async ({ model, select }) => {
        const table = await write(context, 'warehouse.table', `${name} ${model.name}`, () =>
          writer.buildTable(build, model, select),
        )
        modelRows[model.name] = table.rows
        rows += table.rows
        progress({ rows, message: model.name })
      })
    }
    await write(context, 'warehouse.finish', name, () => writer.finishBuild(build))
    await write(context, 'control.build', name, () => builds.recordBuilt(lease, build, modelRows))
    return { rows }
  })
  const build = await builds.newest(name)
  if (!build) throw new Error(`${name} has no build although one was made`)
  return build
}

/** Models that can be built side by side: each level reads only from the ones before it. */
function levels(plan: readonly GoldStep[]): GoldStep[][][] {
  const levelOf = new Map<string, number>()
  const found: GoldStep[][][] = []
  for (const step of plan) {
    const level = Math.max(0, ...step.gold.map((name) => (levelOf.get(name) ?? 0) + 1))
    levelOf.set(step.model.name, level)
    found[level] = [...(found[level] ?? []), [step]]
  }
  return found
}
