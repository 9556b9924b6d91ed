import { stat } from 'node:fs/promises'
import { SourceError } from '../conform/contract.js'
import type { Dataset, Mapping } from '../sources/mapping.js'
import { filesMatching } from './glob.js'

/** Throws `FILE_MISSING` when the folder of a source's files is not there. */
export async function requireDataDirectory(source: string, directory: string): Promise<void> {
  const found = await stat(directory).catch(() => undefined)
  if (found?.isDirectory()) return
  const message = `The data folder of source ${source}, ${directory}, ${found ? 'is no folder' : 'does not exist'}. Configure the right one, or give it with --data`
  throw new SourceError('FILE_MISSING', message, { source, file: directory })
}

/** The files of one dataset, in order; throws `MAPPING_INVALID` for a pattern that leaves the folder. */
export async function filesOf(mapping: Mapping, dataset: Dataset, directory: string): Promise<string[]> {
  if (dataset.files.startsWith('/') || dataset.files.split('/').includes('..')) {
    const message = `Dataset ${dataset.name} of source ${mapping.name}: files must lie in the source's folder, ${dataset.files} does not`
    throw new SourceError('MAPPING_INVALID', message, { source: mapping.name, dataset: dataset.name })
  }
  try {
    return await filesMatching(directory, dataset.files)
  } catch (error) {
    throw unreadable(mapping.name, dataset.name, dataset.files, directory, error)
  }
}

export function missing(source: string, dataset: Dataset, directory: string): SourceError {
  const message = `Source ${source}, dataset ${dataset.name}: there is no file ${dataset.files} in ${directory}. Put it there, or mark the dataset as optional in source.yaml`
  return new SourceError('FILE_MISSING', message, { source, dataset: dataset.name, file: dataset.files })
}

export function empty(source: string, dataset: string, file: string, directory: string): SourceError {
  const message = `Source ${source}, dataset ${dataset}: the file ${file} in ${directory} is empty. Deliver it again; a dataset without rows has at least its header or []`
  return new SourceError('FILE_EMPTY', message, { source, dataset, file })
}

export function unreadable(
  source: string,
  dataset: string,
  file: string,
  directory: string,
  cause: unknown,
): SourceError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  const message = `Source ${source}, dataset ${dataset}: cannot read the file ${file} in ${directory}: ${reason}`
  return new SourceError('FILE_UNREADABLE', message, { source, dataset, file }, { cause })
}
