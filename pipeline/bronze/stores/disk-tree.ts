import { mkdir, open, readdir, rmdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { StoredObject } from '../object-store.js'
import { isSystemError } from './disk-errors.js'
import { temporaryFolder } from './disk-temporary.js'
import { compareByCodePoint } from './keys.js'

/** The objects below `folder` (a key's beginning with `/` at its end, or empty) whose keys begin with `prefix`, in order of their keys. */
export async function* walk(root: string, folder: string, prefix: string): AsyncGenerator<StoredObject> {
  const entries = await readdir(join(root, folder), { withFileTypes: true }).catch((error: unknown) => {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return []
    throw error
  })
  // A folder sorts as the keys in it do: by its name and a slash, so that "a.txt" comes before "a/b".
  const keys = entries
    .map((entry) => `${folder}${entry.name}${entry.isDirectory() ? '/' : ''}`)
    .sort(compareByCodePoint)
  for (const key of keys) {
    if (key === `${temporaryFolder}/`) continue
    if (key.endsWith('/')) {
      if (key.startsWith(prefix) || prefix.startsWith(key)) yield* walk(root, key, prefix)
    } else if (key.startsWith(prefix)) {
      const bytes = await fileBytes(join(root, key))
      if (bytes !== undefined) yield { key, bytes }
    }
  }
}

/** Size of a file, undefined where there is none (a folder is none). */
export async function fileBytes(path: string): Promise<number | undefined> {
  try {
    const found = await stat(path)
    return found.isFile() ? found.size : undefined
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'ENAMETOOLONG')) return undefined
    throw error
  }
}

/** Makes a folder and whatever is missing above it; all of it outlives a loss of power. */
export async function makeFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true })
  if (first === undefined) return
  for (let made = path; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made))
}

/** Removes a folder and those above it, up to `root`, as long as they are empty. */
export async function removeEmptyFolders(root: string, folder: string): Promise<void> {
  for (let path = folder; path.length > root.length; path = dirname(path)) {
    try {
      await rmdir(path)
    } catch (error) {
      // Below an object, or of a name that no folder can have, there is none.
      if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'ENAMETOOLONG')) continue
      if (isSystemError(error, 'ENOTEMPTY', 'EEXIST', 'EBUSY')) return
      throw error
    }
  }
}

/** Makes names in a folder outlive a loss of power. Windows cannot, and needs not. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
