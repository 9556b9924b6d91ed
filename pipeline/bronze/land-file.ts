import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { Dataset } from '../sources/mapping.js'
import { SourceError } from '../sources/source-error.js'
import type { BronzeObject } from './delivery.js'
import { hashOf } from './hash.js'
import type { LandRequest } from './land-request.js'
import { StoreError } from './object-store.js'
import { empty, unreadable } from './source-files.js'

const readAttempts = 3
const pieceBytes = 1024 * 1024

export interface LandFile {
  readonly dataset: Dataset
  readonly file: string
  /** Where this run's objects of the dataset lie; ends with `/`. */
  readonly folder: string
  /** The newest object of a file of this name: named again when nothing changed. */
  readonly known: BronzeObject | undefined
  readonly onBytes: (bytes: number) => void
}

/** One file as an object of Bronze. A file that changes while it is read is read again, and at last an error. */
export async function landFile(request: LandRequest, item: LandFile): Promise<BronzeObject> {
  const { dataset, file } = item
  const source = request.mapping.name
  const path = join(request.dataDirectory, file)
  for (let attempt = 1; ; attempt++) {
    request.signal?.throwIfAborted()
    try {
      const object = await landOnce(request, item, path)
      if (object) return object
    } catch (error) {
      request.signal?.throwIfAborted()
      if (error instanceof SourceError || !isOfFile(error, path)) throw error
      throw unreadable(source, dataset.name, file, request.dataDirectory, error)
    }
    if (attempt === readAttempts) {
      const cause = new Error(
        'it changed each time while it was being read. Deliver it under another name and rename it when it is whole',
      )
      throw unreadable(source, dataset.name, file, request.dataDirectory, cause)
    }
  }
}

/** Undefined when the file changed meanwhile. */
async function landOnce(request: LandRequest, item: LandFile, path: string): Promise<BronzeObject | undefined> {
  const { dataset, file, known } = item
  const before = await stampOf(path)
  if (before.bytes === 0) throw empty(request.mapping.name, dataset.name, file, request.dataDirectory)
  const { sha256 } = await hashOf(createReadStream(path, { highWaterMark: pieceBytes, signal: request.signal }))
  if (known?.sha256 === sha256) return known

  const rows = await countRows(request, item, path)
  const key = await put(request, item, path, sha256)
  const after = await stampOf(path)
  if (key === undefined || after.mark !== before.mark) return undefined
  return { dataset: dataset.name, key, file, sha256, bytes: before.bytes, rows, runId: request.runId }
}

/**
 * The key under which the content lies, put there now or by an earlier attempt of this run. Objects are never replaced:
 * where that attempt met other content, the new one goes to a folder beside it. Undefined when the file no longer has the content.
 */
async function put(request: LandRequest, item: LandFile, path: string, sha256: string): Promise<string | undefined> {
  const { store, durable, signal } = request
  for (const key of [item.folder + item.file, `${item.folder}${sha256.slice(0, 16)}/${item.file}`]) {
    if (!(await store.head(key))) {
      try {
        const body = () => Readable.from(observed(path, signal, item.onBytes), { objectMode: false })
        const { created } = await durable('bronze.object', key, () => store.put(key, body(), { sha256 }))
        if (created) return key
      } catch (error) {
        if (error instanceof StoreError && error.code === 'CHECKSUM_MISMATCH') return undefined
        throw error
      }
    }
    if ((await hashOf(await store.get(key))).sha256 === sha256) return key
  }
  const message = `${item.folder}${item.file} is there already with other content. Is another run of this id going on?`
  throw new StoreError('STORE_ERROR', store.name, message)
}

async function countRows(request: LandRequest, item: LandFile, path: string): Promise<number> {
  try {
    const where = { source: request.mapping.name, dataset: item.dataset.name, file: item.file }
    return await request.countRecords(path, item.dataset, where)
  } catch (error) {
    request.signal?.throwIfAborted()
    if (error instanceof SourceError) throw error
    throw unreadable(request.mapping.name, item.dataset.name, item.file, request.dataDirectory, error)
  }
}

async function* observed(path: string, signal: AbortSignal | undefined, onBytes: (bytes: number) => void) {
  for await (const piece of createReadStream(path, { highWaterMark: pieceBytes, signal })) {
    yield piece
    onBytes(piece.length)
  }
}

/** Two equal marks: nobody wrote to the file or replaced it in between. */
async function stampOf(path: string): Promise<{ bytes: number; mark: string }> {
  const { size, mtimeNs, ino, dev } = await stat(path, { bigint: true })
  return { bytes: Number(size), mark: [size, mtimeNs, ino, dev].join(' ') }
}

/** Reading a folder gives an EISDIR that names no path. */
function isOfFile(error: unknown, path: string): boolean {
  if (!(error instanceof Error) || !('syscall' in error)) return false
  return 'path' in error ? error.path === path : error.syscall === 'read'
}
