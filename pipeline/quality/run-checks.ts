import type { Dialect } from '../../warehouses/contract/dialect.js'
import type { Row, Statement } from '../../warehouses/contract/values.js'
import type { Check, CheckResult } from './check.js'

export type { Check, CheckResult } from './check.js'

export interface CheckEngine {
  readonly dialect: Dialect
  query(statement: Statement): Promise<Row[]>
}

/** Violations shown with a failed check. */
const sampleRows = 3

/** Counts that one statement asks for: enough to save round trips, few enough that the engine's plan stays small. */
const countsInOneStatement = 8

/** One SELECT whose rows are counted, and the checks that all passed when there is none. */
interface Probe {
  readonly sql: string
  readonly checks: readonly Check[]
}

/**
 * Runs the checks, results in their order. Conditions on single rows of one table share a scan; only when it finds a
 * violation is each counted by itself. Throws what `query` throws.
 */
export async function runChecks(checks: readonly Check[], engine: CheckEngine): Promise<CheckResult[]> {
  const probes = probesOf(checks)
  const counts = await countAll(
    probes.map((probe) => probe.sql),
    engine,
  )
  const violations = new Map<Check, bigint>()
  const suspects: Check[] = []
  probes.forEach((probe, i) => {
    const found = counts[i] ?? 0n
    const [first] = probe.checks
    if (found > 0n && probe.checks.length > 1) suspects.push(...probe.checks)
    else if (first !== undefined) violations.set(first, found)
  })
  const ofSuspects = await countAll(
    suspects.map((check) => check.sql),
    engine,
  )
  suspects.forEach((check, i) => {
    violations.set(check, ofSuspects[i] ?? 0n)
  })
  const results: CheckResult[] = []
  for (const check of checks) {
    const found = violations.get(check) ?? 0n
    results.push({
      name: check.name,
      severity: check.severity,
      status: found === 0n ? 'passed' : 'failed',
      violations: found,
      sample: found === 0n ? '' : await sampleOf(check, engine),
    })
  }
  return results
}

function probesOf(checks: readonly Check[]): Probe[] {
  const scans = new Map<string, Check[]>()
  const probes: Probe[] = []
  for (const check of checks) {
    if (check.scan === undefined) probes.push({ sql: check.sql, checks: [check] })
    else scans.set(check.scan.table, [...(scans.get(check.scan.table) ?? []), check])
  }
  for (const [table, together] of scans) {
    const violation = together.map((check) => `(${check.scan?.violation ?? 'FALSE'})`).join(' OR ')
    probes.push({ sql: `SELECT 1 AS violation FROM ${table} WHERE ${violation}`, checks: together })
  }
  return probes
}

/** The statements go to the engine side by side; it runs as many at once as it likes. Neighbours, which are often as long, are dealt out to several. */
async function countAll(selects: readonly string[], engine: CheckEngine): Promise<bigint[]> {
  const counts: bigint[] = []
  const statements = Math.ceil(selects.length / countsInOneStatement)
  const arms = selects.map((sql, i) => `SELECT ${i} AS probe, COUNT(*) AS violations FROM (\n${sql}\n) AS v${i}`)
  await Promise.all(
    Array.from({ length: statements }, async (_, nth) => {
      const rows = await engine.query({
        sql: arms.filter((_, i) => i % statements === nth).join('\nUNION ALL\n'),
        params: [],
        columns: [
          { name: 'probe', type: { kind: 'integer' } },
          { name: 'violations', type: { kind: 'integer' } },
        ],
      })
      for (const row of rows) counts[Number(row.probe)] = BigInt(String(row.violations))
    }),
  )
  return counts
}

/** `source=demo sale_id=7; source=demo sale_id=9`, the first few in the order of their text. */
async function sampleOf(check: Check, engine: CheckEngine): Promise<string> {
  const { quote, cast } = engine.dialect
  const columns = check.shows.map((name) => `${cast(quote(name), { kind: 'text' })} AS ${quote(name)}`)
  const order = check.shows.map((_name, i) => `${i + 1}`)
  const rows = await engine.query({
    sql: `SELECT ${columns.join(', ')}\nFROM (\n${check.sql}\n) AS v\nORDER BY ${order.join(', ')}\nLIMIT ${sampleRows}`,
    params: [],
    columns: check.shows.map((name) => ({ name, type: { kind: 'text' } })),
  })
  return rows.map((row) => check.shows.map((name) => `${name}=${String(row[name] ?? 'NULL')}`).join(' ')).join('; ')
}
