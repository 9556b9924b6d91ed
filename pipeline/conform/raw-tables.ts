import type { Dataset, Mapping } from '../sources/mapping.js'
import { quoteIdentifier, quoteText } from '../sources/sql-text.js'
import type { CleanFiles } from './clean-files.js'
import type { ReadObject } from './read-objects.js'
import { maxRecordBytes } from './readers/record-sink.js'

/** A clean line is a raw record with its quotes doubled, at worst. */
const maxCleanBytes = 2 * maxRecordBytes + 64 * 1024

/** Options of read_csv for files that this program wrote: nothing is left for DuckDB to guess. */
export function csvOptions(
  dialect: { delimiter: string; quote: string; nullText: string },
  columns: readonly string[],
): string {
  const types = columns.map((name, index) => `${quoteText(name)}: '${index === 0 ? 'BIGINT' : 'VARCHAR'}'`)
  return [
    'auto_detect = false, header = false, strict_mode = true, allow_quoted_nulls = false',
    `delim = ${quoteText(dialect.delimiter)}, quote = ${quoteText(dialect.quote)}, escape = ${quoteText(dialect.quote)}`,
    `nullstr = ${quoteText(dialect.nullText)}, new_line = '\\n', encoding = 'utf-8', comment = ''`,
    `max_line_size = ${maxCleanBytes}, buffer_size = ${4 * maxCleanBytes}`,
    `columns = {${types.join(', ')}}`,
  ].join(', ')
}

/** The rows of a dataset in some of its objects: the declared columns as text, and `_line`. */
export function rawRows(dataset: Dataset, objects: readonly ReadObject[], files: CleanFiles): string {
  const arms: string[] = []
  const byLayout = new Map<string, ReadObject[]>()
  for (const object of objects) {
    if (!object.layout) {
      arms.push(parquetRows(dataset, object))
      continue
    }
    const layout = JSON.stringify(object.layout)
    byLayout.set(layout, [...(byLayout.get(layout) ?? []), object])
  }
  for (const group of byLayout.values()) arms.push(cleanRows(dataset, group, files))
  return arms.length === 0 ? noRows(dataset) : arms.join('\nUNION ALL\n')
}

function cleanRows(dataset: Dataset, objects: readonly ReadObject[], files: CleanFiles): string {
  const [first] = objects
  if (!first?.layout) throw new Error('a clean copy without a layout')
  const { layout } = first
  const names = ['_n', ...layout.fields.map((_, index) => `f${index}`)]
  const paths = objects.map((object) => quoteText(files.pathOf(object.ordinal))).join(', ')
  const selected = dataset.columns.map((column) => `f${layout.fields.indexOf(column)} AS ${quoteIdentifier(column)}`)
  // `filename` is constant within a chunk, so that the key is found once for thousands of rows.
  const key =
    objects.length === 1
      ? quoteText(first.key)
      : `CASE parse_filename(filename, true) ${objects.map((object) => `WHEN '${object.ordinal}' THEN ${quoteText(object.key)}`).join(' ')} END`
  return `SELECT ${selected.join(', ')}, ${line(key, '_n')}
    FROM read_csv([${paths}], ${csvOptions(layout, names)}, filename = ${objects.length > 1})`
}

function parquetRows(dataset: Dataset, object: ReadObject): string {
  const columns = dataset.columns.map(
    (column) => `CAST(${quoteIdentifier(column)} AS VARCHAR) AS ${quoteIdentifier(column)}`,
  )
  return `SELECT ${columns.join(', ')}, ${line(quoteText(object.key), 'file_row_number + 1')}
    FROM read_parquet(${quoteText(object.path)}, file_row_number = true)`
}

function noRows(dataset: Dataset): string {
  const columns = dataset.columns.map((column) => `CAST(NULL AS VARCHAR) AS ${quoteIdentifier(column)}`)
  return `SELECT ${columns.join(', ')}, ${line("''", '0')} WHERE false`
}

function line(key: string, row: string): string {
  return `struct_pack("object" := ${key}, "row" := CAST(${row} AS BIGINT)) AS _line`
}

export function datasetOf(mapping: Mapping, name: string): Dataset {
  const dataset = mapping.datasets.find((candidate) => candidate.name === name)
  if (!dataset) throw new Error(`${mapping.name} has no dataset ${name}`)
  return dataset
}
