import type { Warehouse, WarehouseWriter } from '../../warehouses/contract/warehouse.js'
import type { BuildRecord } from '../control/builds.js'
import { checkBuild } from '../quality/check-build.js'
import type { RunContext } from '../steps/context.js'
import { runStep, write } from '../steps/step.js'

/** Runs all checks of a build in its warehouse and keeps their results. */
export async function checkStep(
  context: RunContext,
  warehouse: Warehouse,
  writer: WarehouseWriter,
  build: BuildRecord,
): Promise<void> {
  const { name, dialect } = warehouse
  const work = async () => {
    const { results, dataThrough } = await checkBuild({
      ...{ entities: context.entities, models: context.models, dialect, build },
      query: (statement) => writer.query(statement, build),
      // A warehouse that catches up is told what the run conformed that made the build first.
      counts: await context.batches.counts(build.buildId),
    })
    await write(context, 'control.checks', name, () =>
      context.builds.recordChecks(context.lease, build, results, dataThrough),
    )
    return { rows: results.length }
  }
  await runStep(context, 'check', name, work, !(await context.builds.isChecked(build)))
}
