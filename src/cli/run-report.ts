import type { QuarantineLine, RunSummary, StoreOutcome, WarehouseOutcome } from '../app.js'
import { CliError } from './cli.js'
import { sentence } from './errors.js'
import { bytes, count, oneLine, seconds, table } from './format.js'

/** The result of a run for people. */
export function runLines(summary: RunSummary): string[] {
  return [
    `Run ${summary.runId}: ${summary.status} in ${seconds(summary.seconds)}`,
    ...(summary.resumed
      ? ['  It was the run that had been interrupted. Run again to take what was delivered since.']
      : []),
    ...summary.warehouses.map((each) => `  ${each.warehouse}: ${outcomeText(each)}`),
    ...summary.failedSources.map((each) => `  ${each.source}: failed. ${each.message}`),
    ...summary.stores.flatMap(storeLine),
    ...modelTable(summary.warehouses),
    ...quarantineLines(summary.quarantine),
  ]
}

/** Throws unless every warehouse answers from this run's data, or waits because its pointer is held. */
export function requireSuccess(summary: RunSummary): void {
  const trouble = [
    ...summary.failedSources.map((each) => `${each.source}: ${each.message}`),
    ...summary.stores.flatMap((each) => (each.outcome === 'failed' ? [`${each.store}: ${each.message}`] : [])),
    ...summary.warehouses.filter(isTrouble).map((each) => `${each.warehouse}: ${each.message ?? each.outcome}`),
  ]
  if (summary.status === 'failed') {
    const [first, ...more] = summary.causes
    throw new CliError(
      'RUN_FAILED',
      `${sentences(trouble)} What was published before stays published. Repair the cause and run again: finished steps are not repeated.`,
      1,
      { cause: more.length === 0 ? first : new AggregateError(summary.causes, 'Several parts of the run failed') },
    )
  }
  if (summary.status === 'gated') {
    throw new CliError(
      'BUILD_GATED',
      `${sentences(trouble)} The build is kept for inspection and not published; the last good one stays. "goldgate status" shows the checks that failed.`,
    )
  }
}

const sentences = (parts: readonly string[]): string => parts.map(sentence).join(' ')

/** Reasons with how many rows, and the first raw row of each. */
export function quarantineLines(quarantine: readonly QuarantineLine[]): string[] {
  if (quarantine.length === 0) return []
  const lines = quarantine.map((each) => [
    `${each.source}.${each.dataset}`,
    each.entity,
    each.column === undefined ? each.reason : `${each.reason} (${each.column})`,
    count(each.rows),
    `${each.example.object} row ${each.example.row}: ${oneLine(each.example.text, 80)}`,
  ])
  return ['In quarantine', table(['dataset', 'missing from', 'reason', 'rows', 'for example'], lines)]
}

/** What was copied to a store, or what it owes. Nothing of one that had everything. */
function storeLine(each: StoreOutcome): string[] {
  const copied = each.objects === 0 ? '' : `${count(each.objects)} objects copied (${bytes(each.bytes)})`
  if (each.outcome === 'whole') return copied === '' ? [] : [`  ${each.store}: ${copied}`]
  const owed = `owes ${count(each.manifestsOwed)} ${each.manifestsOwed === 1 ? 'manifest' : 'manifests'} (${bytes(each.bytesOwed)})`
  const next = each.outcome === 'owed' ? ' The next run pays it.' : ''
  return [
    `  ${each.store}: ${[copied, owed].filter((part) => part !== '').join(', ')}. ${each.message ? sentence(oneLine(each.message, 400)) : ''}${next}`,
  ]
}

function outcomeText({ outcome, buildId, message }: WarehouseOutcome): string {
  const build = buildId === undefined ? '' : ` build ${buildId}`
  return `${outcome}${build}${message === undefined ? '' : `. ${oneLine(message, 400)}`}`
}

/** Rows of each model, one column a warehouse. */
function modelTable(warehouses: readonly WarehouseOutcome[]): string[] {
  const built = warehouses.filter((each) => Object.keys(each.rows).length > 0)
  const models = [...new Set(built.flatMap((each) => Object.keys(each.rows)))]
  if (models.length === 0) return []
  const lines = models.map((model) => [model, ...built.map((each) => countOrNothing(each.rows[model]))])
  return [table(['rows', ...built.map((each) => each.warehouse)], lines)]
}

function countOrNothing(value: number | undefined): string {
  return value === undefined ? '-' : count(value)
}

function isTrouble(each: WarehouseOutcome): boolean {
  return each.outcome === 'failed' || each.outcome === 'gated'
}
