import { createHash } from 'node:crypto'
import { type FileHandle, link, open, stat, unlink } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { z } from 'zod'
import { folderLocation } from '../../../warehouses/contract/location.js'
import {
  type Diagnosis,
  type ObjectStore,
  type ObjectStoreKind,
  type StoredObject,
  StoreError,
} from '../object-store.js'
import { diskError, isSystemError } from './disk-errors.js'
import { sweepTemporaryFolder, temporaryFolder, temporaryName } from './disk-temporary.js'
import { fileBytes, makeFolder, removeEmptyFolders, syncFolder, walk } from './disk-tree.js'
import { checkKey, checkPrefix, isKey } from './keys.js'
import { tryOut } from './try-out.js'

const options = z.strictObject({
  path: z
    .string('must be the path of a folder')
    .min(1, 'must be the path of a folder')
    .describe('Folder of the objects.'),
})

export type DiskOptions = z.infer<typeof options>

/**
 * Objects as files of a folder, their keys as paths. A put writes to `.tmp/`, syncs, and gives the file its name by link(2),
 * which fails where the name is taken: of two writers the first wins, and no reader ever sees a part of an object.
 */
export class DiskStore implements ObjectStore {
  readonly kind = 'disk'
  private readonly root: string
  private readonly temporary: string

  constructor(
    readonly name: string,
    { path }: DiskOptions,
  ) {
    this.root = resolve(path)
    this.temporary = join(this.root, temporaryFolder)
  }

  async put(key: string, body: Readable, { sha256 }: { readonly sha256?: string } = {}) {
    // It may fail before it is read; reading reports that.
    body.on('error', () => {})
    try {
      return await this.guarded(`Cannot write ${key}`, async () => {
        const path = this.pathOf(key)
        await makeFolder(this.temporary)
        const temporary = join(this.temporary, temporaryName())
        try {
          const written = await this.write(temporary, body)
          if (sha256 !== undefined && sha256 !== written.sha256) {
            const message = `${key} should have SHA-256 ${sha256}, but what came has ${written.sha256}; it was not kept`
            throw new StoreError('CHECKSUM_MISMATCH', this.name, message)
          }
          return { created: await this.publish(temporary, path), ...written }
        } finally {
          await unlink(temporary).catch(ignoreMissing)
        }
      })
    } finally {
      body.destroy()
    }
  }

  async get(key: string, range?: { readonly start: number; readonly end: number }): Promise<Readable> {
    return this.guarded(`Cannot read ${key}`, async () => {
      const file = await this.open(key)
      if (!range) return file.createReadStream()
      const { start, end } = range
      if (end > start) return file.createReadStream({ start, end: end - 1 })
      await file.close()
      return Readable.from([])
    })
  }

  async head(key: string): Promise<StoredObject | undefined> {
    return this.guarded(`Cannot look up ${key}`, async () => {
      const bytes = await fileBytes(this.pathOf(key))
      if (bytes !== undefined) return { key, bytes }
      await this.requireFolder()
      return undefined
    })
  }

  async *list(prefix: string): AsyncGenerator<StoredObject> {
    checkPrefix(this.name, prefix)
    try {
      await this.requireFolder()
      const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1)
      // What no store could have put there is not ours, and every request for it would be refused.
      for await (const object of walk(this.root, folder, prefix)) if (isKey(object.key)) yield object
    } catch (error) {
      throw diskError(this.name, `Cannot list ${prefix}`, error)
    }
  }

  async delete(key: string): Promise<void> {
    await this.guarded(`Cannot delete ${key}`, async () => {
      const path = this.pathOf(key)
      await unlink(path).catch(async (error: unknown) => {
        // A folder is no object, whatever the system calls it (Linux says EISDIR, macOS EPERM).
        if ((await fileBytes(path)) !== undefined) throw error
      })
      await removeEmptyFolders(this.root, dirname(path))
    })
  }

  async localPath(key: string): Promise<string> {
    if (!(await this.head(key))) throw this.notFound(key)
    return this.pathOf(key)
  }

  uri(): undefined {
    return undefined
  }

  async setup(): Promise<readonly string[]> {
    return this.guarded('Cannot make the folder', async () => {
      await this.requireFolder()
      if (await stat(this.root).catch(ignoreMissing)) return []
      await makeFolder(this.root)
      return [`Made the folder ${this.root}.`]
    })
  }

  async diagnose(): Promise<Diagnosis> {
    const found = `The folder ${this.root}.`
    const there = await stat(this.root).catch(() => undefined)
    if (there && !there.isDirectory())
      return {
        found,
        problems: [`${this.isFileMessage}.`],
      }
    const needs = `the user that runs Goldgate needs to read and write ${this.root}`
    const problems = await tryOut(this, { put: needs, head: needs, get: needs, list: needs, delete: needs })
    return { found, problems }
  }

  /** Removes what killed processes left unfinished; returns how many files. */
  async sweepTemporary(): Promise<number> {
    return this.guarded('Cannot remove unfinished objects', () => sweepTemporaryFolder(this.temporary))
  }

  private pathOf(key: string): string {
    checkKey(this.name, key)
    if (key.split('/')[0] === temporaryFolder) {
      throw new StoreError('INVALID_KEY', this.name, `${key} cannot be a key: ${temporaryFolder}/ is the store's own`)
    }
    return join(this.root, key)
  }

  private async write(path: string, body: Readable): Promise<{ bytes: number; sha256: string }> {
    const hash = createHash('sha256')
    let bytes = 0
    const file = await open(path, 'wx')
    try {
      for await (const chunk of readBody(body)) {
        const piece = chunk instanceof Uint8Array ? chunk : Buffer.from(String(chunk))
        hash.update(piece)
        bytes += piece.length
        await file.writeFile(piece)
      }
      await file.sync()
    } finally {
      await file.close()
    }
    return { bytes, sha256: hash.digest('hex') }
  }

  /** False when there is an object of that key already. */
  private async publish(temporary: string, path: string): Promise<boolean> {
    const folder = dirname(path)
    for (let attempt = 1; ; attempt++) {
      await makeFolder(folder)
      try {
        const created = await linkOnce(temporary, path)
        await syncFolder(folder)
        return created
      } catch (error) {
        // A delete may take the folder away while it is still empty.
        if (!isSystemError(error, 'ENOENT') || attempt === 10) throw error
      }
    }
  }

  private async open(key: string): Promise<FileHandle> {
    const path = this.pathOf(key)
    let file: FileHandle
    try {
      file = await open(path, 'r')
    } catch (error) {
      if (!isSystemError(error, 'ENOENT', 'ENOTDIR', 'ENAMETOOLONG')) throw error
      await this.requireFolder()
      throw this.notFound(key)
    }
    // A folder can be opened like a file, but not read.
    if ((await file.stat()).isFile()) return file
    await file.close()
    throw this.notFound(key)
  }

  private get isFileMessage(): string {
    return `${this.root} is a file. Correct the path of the store ${this.name}: it needs a folder`
  }

  /** A file in the place of the store must not look like a store without objects; a folder that is not there yet is one. */
  private async requireFolder(): Promise<void> {
    const found = await stat(this.root).catch(ignoreMissing)
    if (!found || found.isDirectory()) return
    throw new StoreError('STORE_ERROR', this.name, this.isFileMessage)
  }

  private notFound(key: string): StoreError {
    return new StoreError('OBJECT_NOT_FOUND', this.name, `There is no object ${key} in the store ${this.name}`)
  }

  private async guarded<T>(what: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (error instanceof BodyFailure) throw error.cause
      if (isSystemError(error, 'ENOTDIR', 'EEXIST')) await this.requireFolder()
      throw diskError(this.name, `${what} in the store ${this.name} (${this.root})`, error)
    }
  }
}

export const diskKind: ObjectStoreKind<DiskOptions> = {
  kind: 'disk',
  parseOptions: (raw) => options.parse(raw),
  optionsJsonSchema: () => z.toJSONSchema(options),
  location: ({ path }) => folderLocation(path),
  open: async (name, parsed) => new DiskStore(name, parsed),
}

/** An error of what is stored, not of the store: it passes through as it is. */
class BodyFailure extends Error {}

async function* readBody(body: Readable): AsyncGenerator<unknown> {
  try {
    yield* body
  } catch (error) {
    throw new BodyFailure('the body failed', { cause: error })
  }
}

async function linkOnce(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    return true
  } catch (error) {
    if (isSystemError(error, 'EEXIST') && (await fileBytes(to)) !== undefined) return false
    throw error
  }
}

function ignoreMissing(error: unknown): undefined {
  if (!isSystemError(error, 'ENOENT', 'ENOTDIR')) throw error
}
