import type { ClientBase } from 'pg'
import type { CheckResult } from '../quality/check.js'

/** Adds results to those that an attempt at a build has already. */
export async function insertCheckResults(
  client: ClientBase,
  attempt: { readonly warehouse: string; readonly tag: string },
  results: readonly CheckResult[],
): Promise<void> {
  await client.query(
    `INSERT INTO goldgate_control.check_results (warehouse, tag, name, severity, status, violations, sample)
     SELECT $1, $2, * FROM unnest($3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[])`,
    [
      attempt.warehouse,
      attempt.tag,
      results.map((each) => each.name),
      results.map((each) => each.severity),
      results.map((each) => each.status),
      results.map((each) => each.violations),
      results.map((each) => each.sample),
    ],
  )
}
