import { readdir, stat } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import { globToRegExp } from './glob.js'
import type { Mapping } from './mapping.js'
import { SourceError } from './source-error.js'

export interface SourceFile {
  readonly dataset: string
  /** Relative to the data folder, `/`-separated. */
  readonly file: string
  /** Absolute. */
  readonly path: string
  readonly bytes: number
}

/**
 * The files of every dataset, ordered by dataset and then by name. A dataset that is not optional and has none is FILE_MISSING;
 * a data folder that is not there is SOURCE_NOT_FOUND.
 */
export async function findFiles(mapping: Mapping, dataDirectory: string): Promise<SourceFile[]> {
  const source = mapping.name
  const names = await listFiles(source, dataDirectory)
  const found: SourceFile[] = []
  for (const dataset of mapping.datasets) {
    const pattern = globToRegExp(dataset.files)
    const matching = names.filter((name) => pattern.test(name))
    if (matching.length === 0 && !dataset.optional)
      throw new SourceError(
        'FILE_MISSING',
        `The dataset ${dataset.name} of ${source} has no file: nothing in ${dataDirectory} matches ${dataset.files}. Deliver it, or say optional: true in the mapping.`,
        { source, dataset: dataset.name, file: dataset.files },
      )
    for (const file of matching) {
      const path = join(dataDirectory, file)
      found.push({ dataset: dataset.name, file, path, bytes: await bytesOf(path, source, dataset.name, file) })
    }
  }
  return found
}

async function listFiles(source: string, directory: string): Promise<string[]> {
  try {
    const entries = await readdir(directory, { recursive: true, withFileTypes: true })
    return entries
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name).slice(join(directory, sep).length))
      .map((name) => name.replaceAll(sep, '/'))
      .sort()
  } catch (cause) {
    throw new SourceError(
      'SOURCE_NOT_FOUND',
      `The data folder of ${source} cannot be read: ${directory}. ${await adviceFor(source, directory)}`,
      { source, file: directory },
      { cause },
    )
  }
}

async function adviceFor(source: string, directory: string): Promise<string> {
  const found = await stat(directory).catch(() => undefined)
  if (found?.isFile()) return `It is a file: name the folder that it lies in, ${dirname(directory)}.`
  const right = 'Name the right one in the configuration or with --data.'
  // Of the source that the packaged configuration names, data can be made; `goldgate start` does so by itself.
  return source === 'demo' ? `${right} To make demo data: goldgate generate --out "${directory}".` : right
}

/** Throws FILE_UNREADABLE for what is no regular file: a broken link, a pipe, a link to a folder. */
async function bytesOf(path: string, source: string, dataset: string, file: string): Promise<number> {
  const unreadable = (why: string, cause?: unknown) =>
    new SourceError(
      'FILE_UNREADABLE',
      `The file ${file} of the dataset ${dataset} of ${source} cannot be read: ${why} (${path}).`,
      { source, dataset, file },
      { cause },
    )
  const found = await stat(path).catch((error: unknown) => {
    throw unreadable('its link leads nowhere, or to what may not be read', error)
  })
  if (!found.isFile()) throw unreadable('it is no regular file')
  return found.size
}
