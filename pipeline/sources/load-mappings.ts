import { existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { entities as canonicalEntities } from '../../models/entities/index.js'
import type { Entity } from '../../models/types.js'
import { packageRoot } from '../../warehouses/package-root.js'
import type { Mapping } from './mapping.js'
import { parseMapping } from './parse-mapping.js'
import { SourceError } from './source-error.js'

/** The folder of the mappings that come with the package. */
export function packagedMappings(): string {
  return join(packageRoot(), 'sql', 'sources')
}

/** One mapping by its name. Others are not looked at, but two of this name are an error. Throws `SourceError`. */
export async function loadMapping(
  name: string,
  directories: readonly string[],
  entities: readonly Entity[] = canonicalEntities,
): Promise<Mapping> {
  const found = mappingFolders(directories)
  const folder = found.get(name)
  if (folder === undefined) {
    const known = [...found.keys()].sort().join(', ') || 'none'
    throw new SourceError(
      'SOURCE_NOT_FOUND',
      `There is no source ${name} in ${directories.join(', ')}; there are: ${known}. A source is a folder with a source.yaml; name the folder that yours lies in with --mappings, or under "mappings" in goldgate.yaml.`,
      { source: name },
    )
  }
  return parseMapping(folder, entities)
}

function mappingFolders(directories: readonly string[]): Map<string, string> {
  const found = new Map<string, string>()
  for (const directory of new Set(directories.map((each) => resolve(each)))) {
    if (!existsSync(directory))
      throw new SourceError(
        'SOURCE_NOT_FOUND',
        `There is no folder of mappings ${directory}: correct --mappings, or "mappings" in goldgate.yaml.`,
        {
          source: '',
          file: directory,
        },
      )
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      const folder = join(directory, entry.name)
      if (!existsSync(join(folder, 'source.yaml'))) continue
      const other = found.get(entry.name)
      if (other !== undefined)
        throw new SourceError(
          'MAPPING_INVALID',
          `The source ${entry.name} is there twice: ${other} and ${folder}. Rename one of the folders and its name.`,
          { source: entry.name, file: join(folder, 'source.yaml'), line: 1, position: 1 },
        )
      found.set(entry.name, folder)
    }
  }
  return found
}
