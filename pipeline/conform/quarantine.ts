import { join } from 'node:path'
import type { Entity } from '../../models/types.js'
import { quoteIdentifier, quoteText } from '../sources/sql-text.js'
import type { ConformedEntity, QuarantineCode, QuarantineReason } from './contract.js'
import { type Problem, problemValues } from './entity-select.js'
import { csvOptions, datasetOf } from './raw-tables.js'
import type { ReadObject } from './read-objects.js'
import { describeParquet } from './readers/parquet-file.js'
import { readRecords } from './readers/read-records.js'
import type { Workshop } from './workshop.js'

const dialect = { delimiter: '\u001f', quote: '"', nullText: '' }
/** Above this many rows of one object, the raw text of all its rows is taken out. */
const pickedRows = 100_000

/** Loads what the readers rejected. */
export async function loadRejects(engine: Workshop['engine'], files: Workshop['files']): Promise<void> {
  const options = csvOptions(dialect, ['_o', '_n', 'reason', 'column', 'raw'])
  await engine.run(`CREATE TABLE conform.rejects AS
    SELECT CAST(_o AS INTEGER) AS _o, CAST(_n AS BIGINT) AS _n, reason, nullif("column", '') AS "column", raw
    FROM read_csv(${quoteText(files.rejectsPath)}, ${options})`)
}

type Written = Pick<ConformedEntity, 'quarantine' | 'quarantinePath'>

/** Writes the rejected rows of an entity, with their raw text, and tells why they were. `rows` counts raw rows. */
export async function writeQuarantine(
  shop: Workshop,
  entity: Entity,
  dataset: string,
  driving: readonly ReadObject[],
  problems: readonly Problem[],
): Promise<Written & { readonly rows: number }> {
  const { engine } = shop
  await shop.loadRejects()
  await takeRawText(shop, driving)
  const ordinals = driving.map((object) => object.ordinal).join(', ') || '0'
  await engine.run(`CREATE OR REPLACE TABLE conform.quarantine AS
    SELECT o.key AS object, q.* FROM (
      SELECT t._o, t._n, t._lines AS lines, p.reason, p."column", r.raw
      FROM conform.typed AS t JOIN ${problemValues(problems)} ON p._problem = t._problem
      LEFT JOIN conform.raw_text AS r ON r._o = t._o AND r._n = t._n
      WHERE t._problem <> 0
      UNION ALL
      SELECT _o, _n, 1, reason, "column", raw FROM conform.rejects WHERE _o IN (${ordinals})
    ) AS q JOIN conform.objects AS o ON o._o = q._o`)
  const [rows = 0] = await engine.numbers('SELECT sum(lines) FROM conform.quarantine')
  const quarantine = await summarize(shop, dataset)
  if (rows === 0) return { rows, quarantine }
  const quarantinePath = join(shop.workDirectory, `${entity.name}.quarantine.ndjson`)
  await engine.run(`COPY (
    SELECT ${quoteText(dataset)} AS dataset, object, _n AS "row", lines, reason, "column", raw
    FROM conform.quarantine ORDER BY _o, _n
  ) TO ${quoteText(quarantinePath)} (FORMAT json)`)
  return { rows, quarantine, quarantinePath }
}

async function summarize({ engine }: Workshop, dataset: string): Promise<QuarantineReason[]> {
  const found = await engine.rows(`
    SELECT s.reason, s."column", s.lines, q.object, q._n, left(q.raw, 500)
    FROM (
      SELECT reason, "column", sum(lines) AS lines, min({'o': _o, 'n': _n}) AS first
      FROM conform.quarantine GROUP BY reason, "column"
    ) AS s JOIN conform.quarantine AS q
      ON q._o = s.first.o AND q._n = s.first.n
    ORDER BY s.lines DESC, s.reason, s."column" NULLS FIRST`)
  return found.map(([reason, column, rows, object, row, text]) => ({
    dataset,
    reason: String(reason) as QuarantineCode,
    ...(column === null ? {} : { column: String(column) }),
    rows: Number(rows),
    exampleObject: String(object),
    exampleRow: Number(row),
    exampleText: String(text ?? ''),
  }))
}

/** Reads the objects of rejected rows once more, for the text of those rows: `conform.raw_text`. */
async function takeRawText(shop: Workshop, driving: readonly ReadObject[]): Promise<void> {
  const { engine, files, mapping } = shop
  await engine.run('CREATE OR REPLACE TABLE conform.raw_text (_o INTEGER, _n BIGINT, raw VARCHAR)')
  const concerned = await engine.rows(
    'SELECT _o, count(*) FROM conform.typed WHERE _problem <> 0 GROUP BY _o ORDER BY _o',
  )
  for (const [ordinal, count] of concerned) {
    const object = driving.find((candidate) => candidate.ordinal === Number(ordinal))
    if (!object) continue
    const { format, columns } = datasetOf(mapping, object.dataset)
    if (format.kind === 'parquet') {
      const file = await describeParquet(engine.connection, object.path)
      const fields = file.columns.map((column) => `${quoteText(column)}: p.${quoteIdentifier(column)}`)
      await engine.run(`INSERT INTO conform.raw_text
        SELECT t._o, t._n, to_json({${fields.join(', ')}})
        FROM read_parquet(${quoteText(object.path)}, file_row_number = true) AS p JOIN conform.typed AS t
          ON t._o = ${object.ordinal} AND t._n = p.file_row_number + 1
        WHERE t._problem <> 0`)
      continue
    }
    let wanted: Set<number> | undefined
    if (Number(count) <= pickedRows) {
      const rows = await engine.rows(`SELECT _n FROM conform.typed WHERE _problem <> 0 AND _o = ${object.ordinal}`)
      wanted = new Set(rows.map(([row]) => Number(row)))
    }
    const path = await files.extractRaw(object.ordinal, wanted, (sink) =>
      readRecords(object.path, format, columns, sink),
    )
    await engine.run(`INSERT INTO conform.raw_text
      SELECT ${object.ordinal}, _n, raw FROM read_csv(${quoteText(path)}, ${csvOptions(dialect, ['_n', 'raw'])})`)
  }
}
