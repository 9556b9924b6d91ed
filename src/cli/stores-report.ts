import { type Finding, isRepaired, type StoreVerification } from '../../pipeline/bronze/verify/contract.js'
import type { StoresReport } from '../app.js'
import { CliError } from './cli.js'
import { bytes, count, oneLine, seconds, table } from './format.js'

/** Findings of one store that are shown in full; the JSON has all. */
const FINDINGS_SHOWN = 50

const columns = [
  'store',
  'objects',
  'bytes',
  'missing',
  'damaged',
  'owed',
  'extra',
  'repaired',
  'read',
  'requests',
  'took',
]

/** What a verification found, for people. */
export function storesLines(report: StoresReport): string[] {
  const how = report.deep
    ? 'Every byte was read'
    : 'Sizes and checksums as the stores keep them; --deep reads every byte'
  return [
    `${report.sound ? 'Every object of every manifest is in every store' : 'Not every object is where it should be'} (${seconds(report.seconds)}). ${how}.`,
    table(columns, report.stores.map(storeCells)),
    ...report.stores.flatMap((each) =>
      each.error === undefined ? [] : ['', `${each.store} could not be looked at: ${each.error}`],
    ),
    ...report.stores.flatMap(findingLines),
    ...section(
      'Manifests that no reachable store has as they were written',
      report.lostManifests.map((key) => [oneLine(key, 200)]),
    ),
    ...section(
      'Manifests say different things of',
      report.contradictions.map((what) => [oneLine(what, 600)]),
    ),
  ]
}

/** Throws unless every object of every manifest is in every store. */
export function requireSound({ sound, stores, lostManifests, contradictions }: StoresReport): void {
  if (sound) return
  const down = stores.filter((each) => each.error !== undefined).map((each) => each.store)
  const open = stores.filter((each) => each.findings.some(isOpen)).map((each) => each.store)
  const what = [
    ...(down.length === 0 ? [] : [`${down.join(', ')} could not be looked at`]),
    ...(open.length === 0
      ? []
      : [
          `${open.join(', ')} ${open.length === 1 ? 'lacks' : 'lack'} objects or ${open.length === 1 ? 'holds' : 'hold'} damaged ones`,
        ]),
    ...(lostManifests.length === 0 ? [] : ['manifests are lost']),
    ...(contradictions.length === 0 ? [] : ['manifests contradict each other']),
  ]
  const repairable = stores.some((each) =>
    each.findings.some((found) => isOpen(found) && found.notRepaired === undefined),
  )
  const advice = repairable
    ? '"goldgate stores verify --repair" writes them again from a store that has them right, and conforms batches again that none has.'
    : 'What no store has right and cannot be made again must come back from a backup, under its key in any store.'
  throw new CliError(
    'STORES_NOT_SOUND',
    `${what.join('; ').replace(/^manifests/, 'Manifests')}. ${down.length > 0 && open.length === 0 ? 'Try again when it can be reached.' : advice}`,
  )
}

function storeCells(each: StoreVerification): string[] {
  const of = (kind: Finding['kind']) => count(each.findings.filter((found) => found.kind === kind).length)
  const repaired = each.findings.filter(isRepaired).length
  return [
    ...[each.store, count(each.objects), bytes(each.bytes), of('missing'), of('damaged'), of('owed'), of('extra')],
    ...[count(repaired), bytes(each.bytesRead), count(each.requests), seconds(each.seconds)],
  ]
}

function findingLines({ store, findings }: StoreVerification): string[] {
  const lines = findings.slice(0, FINDINGS_SHOWN).map((found) => [found.kind, oneLine(found.key, 200), outcome(found)])
  const more = findings.length - lines.length
  return [
    ...section(`In ${store}`, lines),
    ...(more > 0 ? [`  and ${count(more)} more: --json lists all of them`] : []),
  ]
}

function outcome({ what, repairedFrom, conformedAgain, notRepaired }: Finding): string {
  if (conformedAgain) return `${what}; right in no store, conformed again from Bronze`
  if (repairedFrom !== undefined) return `${what}; written again from ${repairedFrom}`
  return notRepaired === undefined ? what : `${what}; not repaired: ${oneLine(notRepaired, 400)}`
}

function section(title: string, lines: readonly (readonly string[])[]): string[] {
  return lines.length === 0 ? [] : ['', title, table([], lines)]
}

function isOpen(found: Finding): boolean {
  return found.kind !== 'extra' && !isRepaired(found)
}
