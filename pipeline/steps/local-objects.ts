import { createReadStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { relative } from 'node:path'
import { copyOrRestore, type Restore } from '../bronze/copy-or-restore.js'
import { hashOf } from '../bronze/hash.js'
import { type ObjectStore, StoreError } from '../bronze/object-store.js'
import type { Durable } from '../durable.js'
import type { RunEvent } from '../run-events.js'

export interface NeededObject {
  readonly key: string
  readonly bytes: number
  /** Null where it is not known: then nothing is checked. */
  readonly sha256: string | null
}

export interface LocalObjectsOptions {
  readonly stores: readonly ObjectStore[]
  readonly directory: string
  readonly durable: Durable
  readonly emit: (event: RunEvent) => void
  readonly restore?: Restore
}

/**
 * Objects of the first store as files that programs on this machine read, each fetched and checked once in a run, however many warehouses ask. One that is
 * missing or damaged there is written again from another store that has it right, or made again of what it was made of: what nobody would notice in a file of
 * rows is never loaded.
 */
export class LocalObjects {
  private readonly fetched = new Map<string, Promise<string>>()

  constructor(private readonly options: LocalObjectsOptions) {}

  /** Throws `NO_GOOD_COPY` when no store has it. */
  path(object: NeededObject): Promise<string> {
    const path = this.fetched.get(object.key) ?? this.fetch(object)
    this.fetched.set(object.key, path)
    return path
  }

  private async fetch(object: NeededObject): Promise<string> {
    const { sha256 } = object
    try {
      const path = await this.store.localPath(object.key, this.options.directory)
      if (sha256 === null || (await hashOf(createReadStream(path))).sha256 === sha256) return path
      // A copy in the work directory would be taken for the object again.
      if (!relative(this.options.directory, path).startsWith('..')) await rm(path, { force: true })
    } catch (error) {
      const canHeal = error instanceof StoreError && ['OBJECT_NOT_FOUND', 'CHECKSUM_MISMATCH'].includes(error.code)
      if (!canHeal || sha256 === null) throw error
    }
    await this.heal({ ...object, sha256 })
    return this.store.localPath(object.key, this.options.directory)
  }

  private async heal(object: NeededObject & { readonly sha256: string }): Promise<void> {
    const [to, ...from] = this.options.stores
    if (!to) throw new Error('A run has at least one store')
    const { durable, emit, restore } = this.options
    const replace = (await to.head(object.key)) !== undefined
    const source = await copyOrRestore({ from, to, object, replace }, restore, (copy) =>
      durable('replicate.object', `${to.name} ${object.key}`, copy),
    )
    if (source === undefined) return
    const message = `${object.key} was missing or damaged; written again from ${source}`
    emit({ step: 'repair', subject: to.name, state: 'done', objects: 1, bytes: object.bytes, message })
  }

  private get store(): ObjectStore {
    const [store] = this.options.stores
    if (!store) throw new Error('A run has at least one store')
    return store
  }
}
