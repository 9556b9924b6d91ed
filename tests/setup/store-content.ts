import { readdir, readFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'

/** Every object in the folder of a disk store with its content (base64), by key. */
export async function storeContent(root: string): Promise<Readonly<Record<string, string>>> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const read = files.sort().map(async (path) => {
    return [relative(root, path).split(sep).join('/'), (await readFile(path)).toString('base64')] as const
  })
  return Object.fromEntries(await Promise.all(read))
}
