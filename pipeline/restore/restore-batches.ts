import { createReadStream } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Entity } from '../../models/types.js'
import { Slots } from '../bronze/bounded.js'
import type { ObjectCopy } from '../bronze/copy-object.js'
import type { BronzeObject, Delivery } from '../bronze/delivery.js'
import { hashOf } from '../bronze/hash.js'
import { isBatch } from '../bronze/layout.js'
import { parseDelivery } from '../bronze/manifest.js'
import { type ObjectStore, StoreError } from '../bronze/object-store.js'
import { readManifest, type WrittenManifest } from '../bronze/read-manifest.js'
import { conform } from '../conform/conform.js'
import type { EntityRequest } from '../conform/contract.js'
import { objectsOfRequests } from '../conform/entity-input.js'
import type { BatchLog, StoredBatch } from '../control/batches.js'
import { ControlError } from '../control/errors.js'
import type { RunLog } from '../control/runs.js'
import type { Durable } from '../durable.js'
import type { RunEvent } from '../run-events.js'
import type { Mapping } from '../sources/mapping.js'
import { findInput } from './find-input.js'
import { putWhereMissing } from './put-where-missing.js'

export interface RestoreBatchesOptions {
  /** The first is where Bronze is read, and where a batch must be written. */
  readonly stores: readonly ObjectStore[]
  readonly batches: BatchLog
  readonly runs: RunLog
  readonly entities: readonly Entity[]
  /** Throws when the source is nowhere to be found any more. */
  readonly mappingOf: (source: string) => Promise<Mapping>
  /** A raw object as a file, checked. */
  readonly pathOf: (object: BronzeObject) => Promise<string>
  /** A folder of its own is made in it, and removed. */
  readonly workDirectory: string
  readonly memoryLimitMb: number
  readonly durable: Durable
  readonly emit: (event: RunEvent) => void
  readonly signal: AbortSignal
}

type Wanted = ObjectCopy['object']

/**
 * Batches that are missing or damaged in every store, conformed again from Bronze: the same input gives the same bytes, which their SHA-256 proves. One source
 * after another, so that the embedded DuckDB has the memory it is configured to have; what one run conformed and is gone altogether comes back at once.
 */
export class RestoreBatches {
  private readonly turn = new Slots(1)
  private readonly restored = new Set<string>()

  constructor(private readonly options: RestoreBatchesOptions) {}

  /** False for an object that is no batch's. Throws `NO_GOOD_COPY`, which says why it cannot be made again and what to do. */
  async restore(object: Wanted): Promise<boolean> {
    if (!/^(silver|quarantine)\//.test(object.key)) return false
    return this.turn.run(async () => {
      if (this.restored.has(object.key)) return true
      this.options.signal.throwIfAborted()
      const batches = await this.options.batches.madeWith(object.key)
      const asked = batches.find((batch) => isOf(batch, object.key))
      if (!asked) return false
      try {
        await this.restoreBatch(object, asked, batches)
      } catch (error) {
        this.options.signal.throwIfAborted()
        throw this.cannot(object.key, error)
      }
      return true
    })
  }

  private async restoreBatch(object: Wanted, asked: StoredBatch, batches: readonly StoredBatch[]): Promise<void> {
    const { options } = this
    const { source, runId } = asked
    const mapping = await options.mappingOf(source)
    const deliveries = await options.runs.deliveriesUpTo(source, runId)
    const delivery = await this.delivery(source, deliveries.at(-1)?.manifest)
    const requests = new Map<StoredBatch, EntityRequest>()
    for (const batch of [asked, ...(await this.goneWith(batches, asked))]) {
      const request = this.inputOf(batch, mapping, delivery, deliveries)
      if (request) requests.set(batch, request)
    }
    if (!requests.has(asked)) throw new Error(changed(asked))
    const workDirectory = join(options.workDirectory, `restore ${source}`)
    await mkdir(workDirectory, { recursive: true })
    try {
      await this.conformAgain(object, mapping, delivery, requests, workDirectory)
    } finally {
      await rm(workDirectory, { recursive: true, force: true })
    }
  }

  private async conformAgain(
    object: Wanted,
    mapping: Mapping,
    delivery: Delivery,
    requests: ReadonlyMap<StoredBatch, EntityRequest>,
    workDirectory: string,
  ): Promise<void> {
    const { runs, pathOf, emit, signal, memoryLimitMb, entities } = this.options
    const [batch] = requests.keys()
    const subject = mapping.name
    emit({ step: 'repair', subject, state: 'started', message: `conforming the batches of run ${batch?.runId} again` })
    const wanted = [...requests.values()]
    const ages = [...(await runs.runsWithDelivery(mapping.name))]
    const objects: (BronzeObject & { path: string })[] = []
    for (const raw of objectsOfRequests(wanted, delivery.objects, ages)) {
      objects.push({ ...raw, path: await pathOf(raw) })
    }
    const { entities: made } = await conform(
      { mapping, runId: batch?.runId ?? '', objects, entities: wanted, workDirectory, memoryLimitMb },
      { signal, entities },
    )
    for (const [each, { entity }] of requests) {
      const found = made.find((candidate) => candidate.entity === entity)
      if (!found) throw new Error(`${entity} was not conformed`)
      await this.keep(each.objectKey, found.parquetPath, each.sha256, each, object)
      if (each.quarantineKey === null || found.quarantinePath === undefined) continue
      await this.keep(each.quarantineKey, found.quarantinePath, null, each, object)
    }
  }

  /** An object is what its manifest names, or nothing: whoever reads it compares. */
  private async keep(
    key: string,
    path: string,
    known: string | null,
    batch: StoredBatch,
    asked: Wanted,
  ): Promise<void> {
    const { stores, durable, emit } = this.options
    const { sha256, bytes } = await hashOf(createReadStream(path))
    const expected = key === asked.key ? asked.sha256 : known
    if (expected !== null && sha256 !== expected) {
      if (key === asked.key) throw new Error(otherBytes(sha256, expected, batch))
      return
    }
    const write = isBatch(key) ? 'conform.batch' : 'conform.quarantine'
    const object = { key, bytes, sha256 }
    const kept = await durable(write, key, () => putWhereMissing(stores, object, () => createReadStream(path)))
    this.restored.add(key)
    if (kept.length === 0) return
    const message = `${key} was missing or damaged in every store; conformed again from Bronze and written to ${kept.join(', ')}`
    const rows = key === batch.objectKey ? { rows: Number(batch.rows) } : {}
    emit({ step: 'repair', subject: batch.source, state: 'done', objects: 1, bytes, ...rows, message })
  }

  /** Others of the run whose object is not in the first store: what was conformed together is most often lost together. */
  private async goneWith(batches: readonly StoredBatch[], asked: StoredBatch): Promise<readonly StoredBatch[]> {
    const [first] = this.options.stores
    const gone: StoredBatch[] = []
    for (const batch of batches) {
      if (batch !== asked && !(await first?.head(batch.objectKey))) gone.push(batch)
    }
    return gone
  }

  private inputOf(
    batch: StoredBatch,
    mapping: Mapping,
    delivery: Delivery,
    deliveries: readonly { readonly runId: string }[],
  ): EntityRequest | undefined {
    const entity = this.options.entities.find(({ name }) => name === batch.entity)
    const runIds = deliveries.map(({ runId }) => runId)
    return entity && findInput(batch, mapping, entity, delivery.objects, runIds)
  }

  private async delivery(source: string, manifest: WrittenManifest | undefined): Promise<Delivery> {
    const { stores } = this.options
    const [first] = stores
    if (!manifest || !first) throw new Error(`${source} has no delivery in the control database`)
    return parseDelivery((await readManifest(manifest, stores, first)).content)
  }

  private cannot(key: string, error: unknown): unknown {
    // What stops a run stops it with its own code.
    if (error instanceof ControlError) return error
    if (error instanceof StoreError && !['NO_GOOD_COPY', 'OBJECT_NOT_FOUND'].includes(error.code)) return error
    const why = (error instanceof Error ? error.message : String(error)).replace(/\.$/, '')
    const message = `${key} is right in no object store and cannot be conformed again: ${why}. Or put the missing object back under its key in any store from a backup`
    return new StoreError('NO_GOOD_COPY', this.options.stores[0]?.name ?? '', message, { cause: error })
  }
}

const isOf = (batch: StoredBatch, key: string): boolean => [batch.objectKey, batch.quarantineKey].includes(key)

function otherBytes(found: string, expected: string, { runId }: StoredBatch): string {
  return `conformed again it has SHA-256 ${found} instead of ${expected}: another version of Goldgate or DuckDB writes the same rows as other bytes. Run the version that made it (in run ${runId}) once`
}

function changed({ source, entity, runId }: StoredBatch): string {
  return `the mapping of ${source} for ${entity}, or the entity itself, was changed since run ${runId} made it. Bring that version back for one run`
}
