import type { BuildReport, PointerReport, RunReport, StatusReport, StepReport, StoreReport } from '../app.js'
import { bytes, count, moment, oneLine, seconds, table } from './format.js'
import { quarantineLines } from './run-report.js'

const RUNS_SHOWN = 10
const BUILDS_SHOWN = 20

/** The state of an installation for people. Times are UTC. */
export function statusLines(report: StatusReport): string[] {
  const urlFile = report.embeddedPostgresUrlFile
  return [
    `Profile ${report.profile}, home ${report.home}, control database ${report.control}`,
    ...(urlFile === undefined ? [] : [`PostgreSQL: psql "$(cat '${urlFile}')"`]),
    ...section(
      'Published',
      ['warehouse', 'build', 'published at (UTC)', 'data through', 'gate', ''],
      report.pointers.map(pointerCells),
    ),
    ...section(
      'Object stores',
      ['store', '', 'manifests owed', 'bytes owed', 'since (UTC)', ''],
      report.stores.map(storeCells),
    ),
    ...section(
      'Runs',
      ['run', 'status', 'started (UTC)', 'took', 'sources', ''],
      report.runs.slice(0, RUNS_SHOWN).map(runCells),
    ),
    ...section(
      `Steps of run ${report.runs[0]?.runId ?? ''}`,
      ['step', 'subject', 'status', 'rows', 'bytes', 'took', ''],
      report.steps.map(stepCells),
    ),
    ...section(
      'Builds',
      ['warehouse', 'build', 'status', 'built at (UTC)', 'rows'],
      report.builds.slice(0, BUILDS_SHOWN).map(buildCells),
    ),
    ...checkLines(report.builds),
    ...(report.quarantine.length === 0 ? [] : ['', ...quarantineLines(report.quarantine)]),
    ...(report.runs.length === 0 ? ['', 'There was no run yet: "goldgate run" makes the first.'] : []),
  ]
}

function section(title: string, heading: readonly string[], lines: readonly (readonly string[])[]): string[] {
  return lines.length === 0 ? [] : ['', title, table(heading, lines)]
}

function pointerCells({ warehouse, build }: PointerReport): string[] {
  if (!build) return [warehouse, '-', '-', '-', '-', 'nothing is published yet']
  const through = Object.entries(build.dataThrough).map(([source, date]) => `${source} ${date}`)
  const notes = [build.held ? 'held' : '', build.stale ? 'stale' : ''].filter((note) => note !== '')
  return [warehouse, build.buildId, moment(build.publishedAt), through.join(', '), build.gate, notes.join(', ')]
}

function storeCells(each: StoreReport): string[] {
  const error = each.lastError === undefined ? '' : `${moment(each.failedAt ?? '')} ${oneLine(each.lastError)}`
  return [
    each.store,
    each.required ? 'required' : 'optional',
    count(each.manifestsOwed),
    bytes(each.bytesOwed),
    each.owedSince === undefined ? '' : moment(each.owedSince),
    error,
  ]
}

function runCells(run: RunReport): string[] {
  const note = [run.asOf === undefined ? '' : `as of ${run.asOf}`, oneLine(run.error ?? '')].filter(
    (part) => part !== '',
  )
  return [run.runId, run.status, moment(run.startedAt), took(run), run.sources.join(', '), note.join('; ')]
}

function stepCells(step: StepReport): string[] {
  return [
    step.step,
    step.subject,
    step.status,
    step.rows === undefined ? '' : count(step.rows),
    step.bytes === undefined ? '' : bytes(step.bytes),
    took(step),
    oneLine(step.error ?? (step.objects === undefined ? '' : `${count(step.objects)} objects`)),
  ]
}

function buildCells(build: BuildReport): string[] {
  const total = Object.values(build.rows).reduce((sum, each) => sum + each, 0)
  return [build.warehouse, build.buildId, build.status, moment(build.builtAt), count(total)]
}

function checkLines(builds: readonly BuildReport[]): string[] {
  const failed = builds.flatMap((build) =>
    build.checksFailed.map((check) => [
      build.warehouse,
      build.buildId,
      check.severity,
      check.name,
      count(check.violations),
      oneLine(check.sample, 80),
    ]),
  )
  return section(
    'Checks with violations (warn: reported only; error: keeps the build back)',
    ['warehouse', 'build', 'severity', 'check', 'violations', 'for example'],
    failed,
  )
}

function took({ startedAt, endedAt }: { readonly startedAt: string; readonly endedAt?: string }): string {
  return endedAt === undefined ? '' : seconds(Math.max(0, Date.parse(endedAt) - Date.parse(startedAt)) / 1_000)
}
