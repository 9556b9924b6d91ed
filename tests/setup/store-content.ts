import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'

/** Every object in the folder of a disk store with the SHA-256 of its content, by key. */
export async function storeContent(root: string): Promise<Readonly<Record<string, string>>> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const read = files.sort().map(async (path) => {
    const sha256 = createHash('sha256')
      .update(await readFile(path))
      .digest('hex')
    return [relative(root, path).split(sep).join('/'), sha256] as const
  })
  return Object.fromEntries(await Promise.all(read))
}
