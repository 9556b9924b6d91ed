import type { StoreDebt } from '../../pipeline/control/replicas.js'
import type { QuarantineRow } from '../../pipeline/control/report.js'
import type { QuarantineLine, StatusReport, StoreReport } from '../app.js'
import { masked } from '../config/secrets.js'
import type { Installation } from './installation.js'

export async function readStatus(installation: Installation): Promise<StatusReport> {
  const { config } = installation
  const { report, builds, replicas } = await installation.control()
  const names = config.warehouses.map((warehouse) => warehouse.name)
  const [runs, allBuilds, published, quarantine, debts] = await Promise.all([
    report.runs(),
    report.builds(),
    builds.published(names),
    report.currentQuarantine(),
    replicas.report(config.stores.map((store) => store.name)),
  ])
  const newest = runs[0]
  const steps = newest ? await report.steps(newest.runId) : []
  const urlFile = await installation.postgresUrlFile()
  return {
    profile: config.profile,
    home: config.home,
    control: config.control.embedded ? 'embedded' : masked(config.control.url),
    ...(urlFile === undefined ? {} : { embeddedPostgresUrlFile: urlFile }),
    runs: runs.map(({ givenAsOf, endedAt, error, startedAt, ...run }) => ({
      ...run,
      startedAt: startedAt.toISOString(),
      ...present({ asOf: givenAsOf, endedAt: endedAt?.toISOString(), error }),
    })),
    steps: steps.map(({ startedAt, endedAt, rows, bytes, objects, error, ...step }) => ({
      ...step,
      startedAt: startedAt.toISOString(),
      ...present({ endedAt: endedAt?.toISOString(), rows, bytes, objects, error }),
    })),
    builds: allBuilds.map(({ builtAt, modelRows, ...build }) => ({
      ...build,
      builtAt: builtAt.toISOString(),
      rows: modelRows,
    })),
    pointers: names.map((warehouse) => ({ warehouse, ...present({ build: published.get(warehouse) }) })),
    stores: debts.map((debt, index) => storeReport(debt, config.stores[index]?.required ?? true)),
    quarantine: quarantine.map(quarantineLine),
  }
}

function storeReport(debt: StoreDebt, required: boolean): StoreReport {
  const { store, manifests, bytes, since, error, failedAt } = debt
  return {
    ...{ store, required, manifestsOwed: manifests, bytesOwed: bytes },
    ...present({ owedSince: since?.toISOString(), lastError: error, failedAt: failedAt?.toISOString() }),
  }
}

export function quarantineLine(row: QuarantineRow): QuarantineLine {
  const { source, entity, dataset, reason, rows } = row
  return {
    ...{ source, entity, dataset, reason, rows },
    ...(row.column === '' ? {} : { column: row.column }),
    example: { object: row.exampleObject, row: row.exampleRow, text: row.exampleText },
  }
}

/** Without what is null or undefined. */
function present<T extends Record<string, unknown>>(values: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null && value !== undefined)) as {
    [K in keyof T]?: NonNullable<T[K]>
  }
}
