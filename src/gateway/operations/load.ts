import type { Dirent } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { GraphQLSchema, ValidationRule } from 'graphql'
import { OperationError, readOperation, type StoredOperation } from './stored-operation.js'

/**
 * The operations of all `.graphql` files in the folders and the folders below, by their paths. One in a later folder may not take the path of another. Throws
 * OPERATION_INVALID, which names file and line of a mistake in each file that has one, OPERATIONS_FOLDER_MISSING, and Node's error for a folder that cannot be read.
 */
export async function loadOperations(
  folders: readonly string[],
  schema: GraphQLSchema,
  rules: readonly ValidationRule[],
): Promise<ReadonlyMap<string, StoredOperation>> {
  const operations = new Map<string, StoredOperation>()
  const wrong: OperationError[] = []
  for (const folder of folders) {
    const entries = await entriesOf(folder)
    const files = entries
      .filter((entry) => entry.isFile() && entry.name.endsWith('.graphql'))
      .map((entry) => join(entry.parentPath, entry.name))
    for (const file of files.sort()) {
      const source = await readFile(file, 'utf8')
      try {
        const operation = readOperation(shown(file), source, schema, rules)
        const other = operations.get(operation.path)
        if (other)
          throw new OperationError(
            operation.file,
            1,
            `${other.file} has the path ${operation.path} already: take another.`,
          )
        operations.set(operation.path, operation)
      } catch (error) {
        if (!(error instanceof OperationError)) throw error
        wrong.push(error)
      }
    }
  }
  if (wrong.length > 0) throw new OperationsError(wrong)
  return new Map([...operations].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** Files that are wrong, one in a line. */
class OperationsError extends Error {
  readonly code = 'OPERATION_INVALID'

  constructor(wrong: readonly OperationError[]) {
    super(wrong.map(({ message }) => message).join('\n'))
    this.name = 'OperationsError'
  }
}

/** A folder of the configuration that is not there. */
class OperationsFolderError extends Error {
  readonly code = 'OPERATIONS_FOLDER_MISSING'
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { recursive: true, withFileTypes: true })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error
    throw new OperationsFolderError(`there is no folder ${folder}, where stored operations are looked for`, {
      cause: error,
    })
  }
}

/** As short as it can be found from here. */
function shown(file: string): string {
  const near = relative(process.cwd(), file)
  return near.startsWith('..') ? file : near
}
