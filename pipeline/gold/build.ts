import type { Warehouse, WarehouseWriter } from '../../warehouses/contract/warehouse.js'
import { type GoldStep, goldPlan } from '../../warehouses/template/gold-plan.js'
import type { BuildRecord } from '../control/builds.js'
import type { RunContext } from '../steps/context.js'
import { sideBySide } from '../steps/side-by-side.js'
import { runStep, write } from '../steps/step.js'
import type { Fingerprints } from './fingerprint.js'

/**
 * The Gold tables of one build in one warehouse, under names of their own. Nobody reads them before they are published. `made` is an
 * attempt of this input whose tables are whole: then there is nothing to do.
 */
export async function makeBuild(
  context: RunContext,
  warehouse: Warehouse,
  writer: WarehouseWriter,
  fingerprints: Fingerprints,
  made: BuildRecord | undefined,
): Promise<BuildRecord> {
  const { name } = warehouse
  if (made) {
    await runStep(context, 'build', name, async () => undefined)
    return made
  }
  await runStep(context, 'build', name, (progress) => build(context, warehouse, writer, fingerprints, progress), true)
  const newest = await context.builds.newest(name)
  if (!newest) throw new Error(`${name} has no build although one was made`)
  return newest
}

async function build(
  context: RunContext,
  warehouse: Warehouse,
  writer: WarehouseWriter,
  fingerprints: Fingerprints,
  progress: (numbers: { readonly rows: bigint; readonly message: string }) => void,
) {
  const { run, lease, builds, models } = context
  const entities = context.entities.map((entity) => entity.name)
  const { name } = warehouse
  const buildId = (await builds.idOfInput(fingerprints.input)) ?? run.runId
  const attempt = {
    ...{ warehouse: name, buildId, tag: `${buildId}_${lease.token}`, runId: run.runId },
    ...{ fingerprint: fingerprints.here, inputFingerprint: fingerprints.input },
  }
  const modelRows: Record<string, bigint> = {}
  let rows = 0n
  for (const level of levels(goldPlan({ models, entities, dialect: warehouse.dialect, build: attempt }))) {
    await sideBySide(level, async ({ model, select }) => {
      const table = await write(context, 'warehouse.table', `${name} ${model.name}`, () =>
        writer.buildTable(attempt, model, select),
      )
      modelRows[model.name] = table.rows
      rows += table.rows
      progress({ rows, message: model.name })
    })
  }
  await write(context, 'warehouse.finish', name, () => writer.finishBuild(attempt))
  await write(context, 'control.build', name, () => builds.recordBuilt(lease, attempt, modelRows))
  return { rows }
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
  // The widest first, as near as one comes to the longest: begun last, it would go on alone.
  const width = ([step]: GoldStep[]): number => step?.model.columns.length ?? 0
  return found.map((level) => level.toSorted((one, other) => width(other) - width(one)))
}
