import { createHash, randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type StoredObject, StoreError } from '../../object-store.js'

/** What a copy needs of a store. */
interface Source {
  readonly name: string
  head(key: string): Promise<StoredObject | undefined>
  get(key: string): Promise<Readable>
}

/** The longest name that every file system takes has 255 bytes; the checksum and a suffix must fit beside this. */
const longestName = 100

/**
 * Copies of objects as files. A copy is named by its SHA-256, appears when whole and verified, and is made once:
 * callers at the same time share the download, callers later find the file.
 */
export class LocalCopies {
  private readonly underway = new Map<string, Promise<string>>()

  constructor(private readonly source: Source) {}

  pathOf(key: string, directory: string): Promise<string> {
    const id = JSON.stringify([key, directory])
    const running = this.underway.get(id)
    if (running) return running
    const copying = this.copy(key, directory).finally(() => this.underway.delete(id))
    this.underway.set(id, copying)
    return copying
  }

  private async copy(key: string, directory: string): Promise<string> {
    const found = await this.source.head(key)
    if (!found) {
      const message = `There is no object ${key} in the store ${this.source.name}`
      throw new StoreError('OBJECT_NOT_FOUND', this.source.name, message)
    }
    const { sha256, bytes } = found
    if (sha256 !== undefined) {
      const path = join(directory, fileName(sha256, key))
      const there = await stat(path).catch(() => undefined)
      if (there?.isFile() && there.size === bytes) return path
    }
    return this.download(key, directory, sha256)
  }

  private async download(key: string, directory: string, expected: string | undefined): Promise<string> {
    await mkdir(directory, { recursive: true })
    const unfinished = join(directory, `${randomUUID()}.part`)
    try {
      const sha256 = await save(await this.source.get(key), unfinished)
      if (expected !== undefined && sha256 !== expected) {
        const message =
          `${key} in the store ${this.source.name} is damaged: it should have SHA-256 ${expected}, but has ${sha256}. ` +
          '"goldgate stores verify --deep --repair" replaces it from a store where it is right'
        throw new StoreError('CHECKSUM_MISMATCH', this.source.name, message)
      }
      const path = join(directory, fileName(sha256, key))
      await rename(unfinished, path)
      return path
    } finally {
      await rm(unfinished, { force: true })
    }
  }
}

/** Synced before it gets its name: after a loss of power a copy of the right size must not be empty. */
async function save(body: Readable, path: string): Promise<string> {
  const hash = createHash('sha256')
  const hashed = async function* (pieces: AsyncIterable<Uint8Array>) {
    for await (const piece of pieces) {
      hash.update(piece)
      yield piece
    }
  }
  await pipeline(body, hashed, createWriteStream(path, { flags: 'wx' }))
  const file = await open(path, 'r+')
  await file.sync().finally(() => file.close())
  return hash.digest('hex')
}

/** Ends like the object, because programs go by `.csv.gz` and `.parquet`; has nothing in it that a file system or a glob would mind. */
function fileName(sha256: string, key: string): string {
  const name = basename(key).replaceAll(/[^A-Za-z0-9._-]/g, '_')
  return `${sha256}-${name.slice(-longestName)}`
}
