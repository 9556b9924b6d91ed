import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Entity } from '../../models/types.js'
import { readDuckDbError } from '../sources/duckdb-error.js'
import type { EntityMapping } from '../sources/mapping.js'
import { SourceError } from '../sources/source-error.js'
import { quoteIdentifier, quoteText } from '../sources/sql-text.js'
import { collapse } from './collapse.js'
import type { ConformedEntity, EntityRequest } from './contract.js'
import { entitySelect } from './entity-select.js'
import { writeQuarantine } from './quarantine.js'
import { datasetOf, rawRows } from './raw-tables.js'
import type { ReadObject } from './read-objects.js'
import type { Workshop } from './workshop.js'

const fewObjects = 16

/** One entity: SELECT, casts, checks, duplicates, Parquet and quarantine. Throws `SourceError`. */
export async function conformEntity(shop: Workshop, entity: Entity, request: EntityRequest): Promise<ConformedEntity> {
  const mapped = shop.mapping.entities.find((candidate) => candidate.entity === entity.name)
  if (!mapped) throw new Error(`${shop.mapping.name} does not fill ${entity.name}`)
  try {
    return await conformMapped(shop, entity, mapped, request)
  } catch (error) {
    if (error instanceof SourceError) throw error
    const { message, kind } = readDuckDbError(error)
    const file = join(shop.mapping.directory, mapped.sqlFile)
    throw new SourceError(
      'CONFORM_FAILED',
      `${shop.mapping.name}, ${entity.name}: ${message.replace(/\.$/, '')}. ${advice(kind, file)}`.trimEnd(),
      { source: shop.mapping.name, dataset: mapped.from, file },
      { cause: error },
    )
  }
}

/** What DuckDB says of a value that it cannot read, of a file and of its memory is not mended in the same place. */
function advice(kind: string | undefined, file: string): string {
  if (kind === 'Conversion' || kind === 'Out of Range' || kind === 'Invalid Input')
    return `If a value of the source is to blame, read it in ${file} with TRY_CAST or a macro of the mapping, so that only its row is rejected.`
  if (kind === 'Out of Memory') return 'Raise pipeline.conformMemoryMb in goldgate.yaml.'
  if (kind === 'IO') return 'See that there is space below GOLDGATE_HOME and that it may be written.'
  return ''
}

async function conformMapped(
  shop: Workshop,
  entity: Entity,
  mapped: EntityMapping,
  request: EntityRequest,
): Promise<ConformedEntity> {
  const { engine } = shop
  const driving = await shop.read(request.objectKeys)
  const filtered = await createRawViews(shop, mapped, driving, await shop.read(request.lookupKeys))
  const { sql, problems, hasVersion } = await entitySelect(engine.connection, entity, mapped.sql, {
    grouped: mapped.grouped,
    // The readers of text files reject a record with a NUL; Parquet goes past them.
    mayHoldNul: [mapped.from, ...mapped.lookups].some(
      (name) => datasetOf(shop.mapping, name).format.kind === 'parquet',
    ),
  })
  await engine.run(`CREATE OR REPLACE TABLE conform.typed AS ${sql}`)
  const expected = total(driving, (object) => object.readable) - filtered
  const problematic = await checkLines(shop, entity, mapped, driving, expected)

  const collapsed = await collapse(engine, entity, hasVersion || mapped.mode === 'append')
  const parquetPath = join(shop.workDirectory, `${entity.name}.parquet`)
  await writeParquet(shop, entity, driving, parquetPath)
  const clean = problematic === 0 && driving.every((object) => object.records === object.readable)
  const { rows: rejected, ...quarantine } = clean
    ? { rows: 0, quarantine: [] }
    : await writeQuarantine(shop, entity, mapped.from, driving, problems)
  const [loaded = 0] = await engine.numbers(
    `SELECT sum(num_rows) FROM parquet_file_metadata(${quoteText(parquetPath)})`,
  )
  const counts = { raw: total(driving, (object) => object.records), loaded, collapsed, quarantined: rejected, filtered }
  if (counts.raw !== loaded + collapsed + rejected + filtered)
    throw new Error(`rows got lost: ${JSON.stringify(counts)}; this is a mistake of Goldgate, report it`)
  await engine.run('DROP TABLE conform.typed')
  const { size } = await stat(parquetPath)
  return { entity: entity.name, hash: request.hash, parquetPath, bytes: size, counts, ...quarantine }
}

/** `raw.<dataset>` as this entity sees it. Returns how many rows of the driving dataset its filter leaves out. */
async function createRawViews(
  shop: Workshop,
  mapped: EntityMapping,
  driving: readonly ReadObject[],
  lookups: readonly ReadObject[],
): Promise<number> {
  const { engine, mapping, files } = shop
  const view = (name: string, rows: string) =>
    engine.run(`CREATE OR REPLACE VIEW raw.${quoteIdentifier(name)} AS ${rows}`)
  for (const name of mapped.lookups)
    await view(
      name,
      rawRows(
        datasetOf(mapping, name),
        lookups.filter((object) => object.dataset === name),
        files,
      ),
    )
  const rows = rawRows(datasetOf(mapping, mapped.from), driving, files)
  if (!mapped.filter) {
    await view(mapped.from, rows)
    return 0
  }
  await view(mapped.from, `SELECT * FROM (${rows}) WHERE (${mapped.filter.where}\n) IS NOT TRUE`)
  const [filtered = 0] = await engine.numbers(`SELECT count(*) FROM (${rows}) WHERE (${mapped.filter.where}\n) IS TRUE`)
  return filtered
}

/** Every row of the driving dataset must be in the result of the SELECT, once. Returns how many rows of the result have a problem. */
async function checkLines(
  shop: Workshop,
  entity: Entity,
  mapped: EntityMapping,
  driving: readonly ReadObject[],
  expected: number,
): Promise<number> {
  const { engine, mapping } = shop
  const ordinals = driving.map((object) => object.ordinal).join(', ') || '0'
  const [rows = 0, lines = 0, own = 0, problematic = 0] = await engine.numbers(
    `SELECT count(*), sum(_lines), count(CASE WHEN _o IN (${ordinals}) THEN 1 END), count(CASE WHEN _problem <> 0 THEN 1 END)
     FROM conform.typed`,
  )
  const foreign = rows - own
  const [repeated = 0] = await engine.numbers(
    'SELECT coalesce(sum(times - 1), 0) FROM (SELECT count(*) AS times FROM conform.typed GROUP BY _o, _n HAVING count(*) > 1)',
  )
  if (lines === expected && repeated === 0 && foreign === 0) return problematic
  const file = join(mapping.directory, mapped.sqlFile)
  const lost = expected - (lines - repeated)
  const advice = mapped.grouped
    ? '_lines must be the count(*) of the group and every row must belong to one group'
    : 'join lookups with LEFT JOIN on columns that are unique there, leave rows out with the filter of the mapping, and fold rows only in a grouped entity'
  const told = [
    `its SELECT made ${rows} rows (for ${lines} raw rows) of ${expected} rows of raw.${mapped.from}`,
    repeated > 0 ? `${repeated} of them repeat a row` : '',
    lost > 0 ? `${lost} rows are lost` : '',
    foreign > 0 ? `${foreign} have a _line of another dataset or none` : '',
  ].filter((part) => part !== '')
  throw new SourceError(
    'MAPPING_INVALID',
    `${file}:1:1: ${mapping.name}, ${entity.name}: ${told.join('; ')}. ${advice}.`,
    {
      source: mapping.name,
      dataset: mapped.from,
      file,
      line: 1,
      position: 1,
    },
  )
}

/**
 * Ordered, so that the same input gives the same bytes. The names of the objects are put in behind the sort where they are few:
 * sorting their text along cost more than all the rest.
 */
async function writeParquet(
  shop: Workshop,
  entity: Entity,
  driving: readonly ReadObject[],
  path: string,
): Promise<void> {
  const columns = entity.columns.map((column) => quoteIdentifier(column.name)).join(', ')
  const order = [...entity.key.map(quoteIdentifier), '_o', '_n'].map((column) => `${column} ASC NULLS LAST`).join(', ')
  const [dropped = 0] = await shop.engine.numbers('SELECT count(*) FROM conform.dropped')
  const kept = `FROM conform.typed ${dropped > 0 ? 'ANTI JOIN conform.dropped USING (_o, _n)' : ''}`
  const few = driving.length <= fewObjects
  const rows = few
    ? `SELECT * ${kept} WHERE _problem = 0 ORDER BY ${order}`
    : `SELECT * ${kept} JOIN conform.objects USING (_o) WHERE _problem = 0 ORDER BY ${order}`
  const named = (what: 'run_id' | 'key', value: (object: ReadObject) => string) =>
    few ? byOrdinal(driving, value) : what
  await shop.engine.run(`COPY (
    SELECT ${quoteText(shop.mapping.name)} AS source, ${columns}, _version,
      ${named('run_id', (object) => object.runId)} AS _run, ${named('key', (object) => object.key)} AS _object, _n AS _row
    FROM (${rows})
  ) TO ${quoteText(path)} (FORMAT parquet, COMPRESSION zstd)`)
}

function byOrdinal(objects: readonly ReadObject[], value: (object: ReadObject) => string): string {
  const arms = objects.map((object) => `WHEN ${object.ordinal} THEN ${quoteText(value(object))}`)
  return arms.length === 0 ? 'CAST(NULL AS VARCHAR)' : `CASE _o ${arms.join(' ')} END`
}

function total(objects: readonly ReadObject[], amount: (object: ReadObject) => number): number {
  return objects.reduce((sum, object) => sum + amount(object), 0)
}
