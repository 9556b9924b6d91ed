import type { ControlDatabase } from './database.js'

/** Newest runs that a report lists. */
const RUNS_SHOWN = 10

export interface QuarantineRow {
  readonly source: string
  readonly entity: string
  readonly dataset: string
  readonly reason: string
  readonly column: string
  readonly rows: number
  readonly exampleObject: string
  readonly exampleRow: number
  readonly exampleText: string
}

export interface RunRow {
  readonly runId: string
  readonly status: 'running' | 'succeeded' | 'failed'
  readonly sources: readonly string[]
  readonly givenAsOf: string | null
  readonly startedAt: Date
  readonly endedAt: Date | null
  readonly error: string | null
}

export interface StepRow {
  readonly step: string
  readonly subject: string
  readonly status: 'running' | 'done' | 'failed' | 'skipped'
  readonly startedAt: Date
  readonly endedAt: Date | null
  readonly rows: number | null
  readonly bytes: number | null
  readonly objects: number | null
  readonly error: string | null
}

export interface BuildRow {
  readonly warehouse: string
  readonly buildId: string
  readonly status: 'built' | 'passed' | 'failed'
  readonly builtAt: Date
  readonly modelRows: Readonly<Record<string, number>>
  readonly checksFailed: readonly {
    readonly name: string
    readonly severity: 'error' | 'warn'
    readonly violations: number
    readonly sample: string
  }[]
}

/** What the control database tells an operator. Counts fit a number by far. */
export class ControlReport {
  constructor(private readonly database: ControlDatabase) {}

  /** Newest first. */
  runs(): Promise<RunRow[]> {
    return this.database.query(
      `SELECT run_id AS "runId", status, sources, to_char(given_as_of, 'YYYY-MM-DD') AS "givenAsOf",
              started_at AS "startedAt", ended_at AS "endedAt", error
       FROM goldgate_control.runs ORDER BY seq DESC LIMIT ${RUNS_SHOWN}`,
    )
  }

  steps(runId: string): Promise<StepRow[]> {
    return this.database.query(
      `SELECT step, subject, status, started_at AS "startedAt", ended_at AS "endedAt", rows::float8 AS rows, bytes::float8 AS bytes, objects::float8 AS objects, error
       FROM goldgate_control.steps WHERE run_id = $1 ORDER BY started_at, step, subject`,
      [runId],
    )
  }

  /** Newest first. */
  builds(): Promise<BuildRow[]> {
    return this.database.query(
      `SELECT warehouse, build_id AS "buildId", status, built_at AS "builtAt", model_rows AS "modelRows", (
         SELECT COALESCE(json_agg(json_build_object('name', name, 'severity', severity, 'violations', violations, 'sample', sample)
                         ORDER BY severity, name), '[]')
         FROM goldgate_control.check_results AS c
         WHERE c.warehouse = b.warehouse AND c.tag = b.tag AND c.status = 'failed') AS "checksFailed"
       FROM goldgate_control.builds AS b WHERE status <> 'dropped' ORDER BY warehouse, built_at DESC, tag DESC`,
    )
  }

  /** Rows of each model, by warehouse, of one build. */
  async modelRows(buildId: string, warehouse: string): Promise<Readonly<Record<string, number>>> {
    const found = await this.database.query<{ rows: Record<string, number> }>(
      'SELECT model_rows AS rows FROM goldgate_control.builds WHERE build_id = $1 AND warehouse = $2 ORDER BY built_at DESC LIMIT 1',
      [buildId, warehouse],
    )
    return found[0]?.rows ?? {}
  }

  /** Of the batches that Silver consists of now. */
  currentQuarantine(): Promise<QuarantineRow[]> {
    return this.database.query(
      `${QUARANTINE} WHERE (q.run_id, q.source, q.entity) IN (
         SELECT run_id, source, entity FROM (
           SELECT b.run_id, b.source, b.entity, r.seq, max(CASE WHEN b.mode = 'full' THEN r.seq END) OVER (PARTITION BY b.source, b.entity) AS newest_full
           FROM goldgate_control.batches AS b JOIN goldgate_control.runs AS r USING (run_id)) AS n
         WHERE newest_full IS NULL OR seq >= newest_full)
       ${QUARANTINE_ORDER}`,
    )
  }

  quarantineOf(runId: string): Promise<QuarantineRow[]> {
    return this.database.query(`${QUARANTINE} WHERE q.run_id = $1 ${QUARANTINE_ORDER}`, [runId])
  }
}

const QUARANTINE = `
  SELECT q.source, q.entity, q.dataset, q.reason, q.column_name AS "column", q.rows::float8 AS rows,
         q.example_object AS "exampleObject", q.example_row::float8 AS "exampleRow", q.example_text AS "exampleText"
  FROM goldgate_control.quarantine AS q`
const QUARANTINE_ORDER = 'ORDER BY q.source, q.dataset, q.rows DESC, q.reason, q.column_name, q.entity'
