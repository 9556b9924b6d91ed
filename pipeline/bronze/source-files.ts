import { findFiles } from '../sources/find-files.js'
import type { Dataset, Mapping } from '../sources/mapping.js'
import { SourceError } from '../sources/source-error.js'
import type { Delivery } from './delivery.js'
import { compareByCodePoint } from './stores/keys.js'

/**
 * The files of each dataset, relative to the folder, in order by code point. Throws `SOURCE_NOT_FOUND`, or `FILE_MISSING` for a dataset
 * that has none; one that keeps its history may have none any more.
 */
export async function filesByDataset(
  mapping: Mapping,
  directory: string,
  previous: Delivery | undefined,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const landed = new Set(previous?.objects.map((object) => object.dataset))
  const datasets = mapping.datasets.map((dataset) =>
    landed.has(dataset.name) && keepsHistory(mapping, dataset) ? { ...dataset, optional: true } : dataset,
  )
  const found = await findFiles({ ...mapping, datasets }, directory).catch((error: unknown) => {
    throw error instanceof SourceError ? error : unreadable(mapping.name, undefined, '', directory, error)
  })
  const files = new Map<string, string[]>(datasets.map((dataset) => [dataset.name, []]))
  for (const { dataset, file } of found) files.get(dataset)?.push(file)
  for (const names of files.values()) names.sort(compareByCodePoint)
  return files
}

/** What only appends is made of all its files, also of those that have left the folder since. */
export function keepsHistory(mapping: Mapping, dataset: Dataset): boolean {
  const entities = mapping.entities.filter((entity) => entity.from === dataset.name)
  return entities.length > 0 && entities.every((entity) => entity.mode === 'append')
}

export function empty(source: string, dataset: string, file: string, directory: string): SourceError {
  const message = `The file ${file} of the dataset ${dataset} of ${source} is empty, in ${directory}. Deliver it again with its rows; where there are none, deliver no file and say optional: true in the mapping.`
  return new SourceError('FILE_EMPTY', message, { source, dataset, file })
}

export function unreadable(
  source: string,
  dataset: string | undefined,
  file: string,
  directory: string,
  cause: unknown,
): SourceError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  const what =
    dataset === undefined ? `The files of ${source}` : `The file ${file} of the dataset ${dataset} of ${source}`
  const message = `${what} cannot be read, in ${directory}: ${reason}`
  return new SourceError(
    'FILE_UNREADABLE',
    message,
    { source, ...(dataset === undefined ? {} : { dataset, file }) },
    { cause },
  )
}
