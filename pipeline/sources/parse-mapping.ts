import { existsSync, readFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import type { Entity } from '../../models/types.js'
import type { Dataset, EntityMapping, FileFormat, Mapping } from './mapping.js'
import { SelectCheck, SqlMistake } from './select-check.js'
import { SourceError } from './source-error.js'
import { type FormatDocument, type SourceDocument, sourceDocument } from './source-schema.js'
import { mappingError, type PositionedDocument, parseYaml } from './yaml-document.js'

/** Reads `source.yaml` and its SELECTs from a folder. Every mistake is a MAPPING_INVALID with file, line and column. */
export async function parseMapping(folder: string, entities: readonly Entity[]): Promise<Mapping> {
  const directory = resolve(folder)
  const name = basename(directory)
  const file = join(directory, 'source.yaml')
  if (!existsSync(file))
    throw new SourceError('SOURCE_NOT_FOUND', `The source ${name} has no file ${file}.`, { source: name, file })
  const { value, document } = parseYaml(name, file, readFileSync(file, 'utf8'), sourceDocument)
  const fail = (path: readonly PropertyKey[], message: string) => mappingError(name, file, message, document.at(path))
  if (value.name !== name) throw fail(['name'], `name is ${value.name}, but the folder is called ${name}`)

  const datasets = Object.entries(value.datasets).map(([key, dataset]) => readDataset(key, dataset, fail))
  const draft = { ...value, datasets }
  const check = await SelectCheck.open(draft)
  try {
    const mapped: EntityMapping[] = []
    for (const [key, entity] of Object.entries(value.entities))
      mapped.push(await readEntity({ directory, file, source: name, document, check, draft, entities }, key, entity))
    const { currency, timezone, country } = value
    return { name, directory, currency, timezone, country, datasets, entities: mapped }
  } finally {
    check.close()
  }
}

type Fail = (path: readonly PropertyKey[], message: string) => SourceError

function readDataset(name: string, dataset: SourceDocument['datasets'][string], fail: Fail): Dataset {
  const seen = new Set<string>(['_line'])
  dataset.columns.forEach((column, index) => {
    // DuckDB's names are case-insensitive.
    const folded = column.toLowerCase()
    if (seen.has(folded))
      throw fail(['datasets', name, 'columns', index], `${column} is there already (upper and lower case are the same)`)
    seen.add(folded)
  })
  const { files, columns, optional } = dataset
  return { name, files, columns, optional, format: readFormat(dataset.format) }
}

function readFormat(format: FormatDocument): FileFormat {
  if (format === 'parquet') return { kind: 'parquet' }
  if (typeof format === 'string') return { kind: format, gzip: false }
  if ('json' in format) return { kind: 'json', ...format.json }
  if ('ndjson' in format) return { kind: 'ndjson', ...format.ndjson }
  return { kind: 'csv', ...format.csv, escape: format.csv.escape ?? format.csv.quote }
}

interface Folder {
  readonly source: string
  readonly directory: string
  readonly file: string
  readonly document: PositionedDocument
  readonly check: SelectCheck
  readonly draft: Pick<Mapping, 'datasets'>
  readonly entities: readonly Entity[]
}

async function readEntity(
  folder: Folder,
  key: string,
  mapped: SourceDocument['entities'][string],
): Promise<EntityMapping> {
  const { source, file, document, check } = folder
  const entity = folder.entities.find((candidate) => candidate.name === key)
  const names = (items: readonly { readonly name: string }[]) => items.map((item) => item.name).join(', ')
  if (!entity)
    throw mappingError(
      source,
      file,
      `There is no entity ${key}; there are ${names(folder.entities)}.`,
      document.atKey(['entities', key]),
    )
  if (!folder.draft.datasets.some((dataset) => dataset.name === mapped.from))
    throw mappingError(
      source,
      file,
      `There is no dataset ${mapped.from}; there are ${names(folder.draft.datasets)}.`,
      document.at(['entities', key, 'from']),
    )
  const sqlFile = join(folder.directory, mapped.sql)
  if (!existsSync(sqlFile))
    throw mappingError(source, file, `There is no file ${sqlFile}.`, document.at(['entities', key, 'sql']))
  const sql = readFileSync(sqlFile, 'utf8')
    .replace(/^\uFEFF/, '')
    .replace(/;\s*$/, '')

  const lookups = await check.checkSelect(sql, entity, mapped.from, mapped.grouped).catch((error: unknown) => {
    if (error instanceof SqlMistake) throw mappingError(source, sqlFile, error.message, error.positionIn(sql))
    throw error
  })
  const { filter, from, mode, grouped, maxRejected } = mapped
  if (filter)
    await check.checkFilter(filter.where, from).catch((error: unknown) => {
      if (!(error instanceof SqlMistake)) throw error
      const path = ['entities', key, 'filter', 'where']
      throw mappingError(source, file, error.message, filterPosition(document, path, filter.where, error))
    })
  return {
    ...{ entity: key, from, mode, grouped, maxRejected, sqlFile: mapped.sql, sql, lookups },
    ...(filter ? { filter } : {}),
  }
}

function filterPosition(document: PositionedDocument, path: readonly string[], where: string, mistake: SqlMistake) {
  const start = document.plainTextAt(path)
  const inside = mistake.positionIn(where)
  if (!start || inside.line > 1) return document.at(path)
  return { line: start.line, position: start.position + inside.position - 1 }
}
