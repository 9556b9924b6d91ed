import type { Dataset } from '../sources/mapping.js'
import type { BronzeObject, Delivery } from './delivery.js'
import { landFile } from './land-file.js'
import type { LandRequest } from './land-request.js'
import { manifestKey, rawFolderOfRun } from './layout.js'
import { deliveryIfLanded, writeDelivery } from './manifest.js'
import { filesByDataset, keepsHistory } from './source-files.js'

export type { LandRequest } from './land-request.js'
export { sweepOrphans } from './sweep-orphans.js'

const progressEveryBytes = 16 * 1024 * 1024

/**
 * Brings the files of a source to Bronze: what is new since `previous` becomes an object, what is not is named again, and
 * the manifest comes last. Where nothing changed nothing is written and `previous` is returned. A run that was killed may
 * land again: it takes up what it had put, and returns its manifest when it had come that far. Throws `SourceError` and
 * `StoreError`.
 */
export async function landSource(request: LandRequest): Promise<Delivery> {
  const { mapping, store, runId, dt, previous } = request
  const source = mapping.name
  const landed = await deliveryIfLanded(store, manifestKey({ source, runId, dt }))
  const delivery = landed ?? (await landFiles(request))
  if (delivery !== previous) await removeStrays(request, delivery)
  return delivery
}

async function landFiles(request: LandRequest): Promise<Delivery> {
  const { mapping, dataDirectory, store, runId, dt, previous, durable } = request
  const files = await filesByDataset(mapping, dataDirectory, previous)
  const progress = progressOf(request)
  const objects: BronzeObject[] = []
  for (const dataset of mapping.datasets) {
    objects.push(...(await landDataset(request, dataset, files.get(dataset.name) ?? [], progress)))
  }
  if (previous && sameObjects(previous.objects, objects)) return previous
  const sequence = request.sequence === undefined ? {} : { sequence: request.sequence }
  return writeDelivery(store, durable, { version: 1, source: mapping.name, runId, dt, ...sequence, objects })
}

async function landDataset(
  request: LandRequest,
  dataset: Dataset,
  files: readonly string[],
  progress: Progress,
): Promise<BronzeObject[]> {
  const before = request.previous?.objects.filter((object) => object.dataset === dataset.name) ?? []
  const history = keepsHistory(request.mapping, dataset) ? before : []
  // Later objects of a name replace earlier ones.
  const newest = new Map(before.map((object) => [object.file, object]))
  const found: BronzeObject[] = []
  for (const file of files) {
    const known = newest.get(file)
    const folder = folderOf(request, dataset)
    const object = await landFile(request, { dataset, file, folder, known, onBytes: progress.bytes(dataset, file) })
    if (object !== known) progress.rows(dataset, object)
    found.push(object)
  }
  return [...history, ...found.filter((object) => !history.includes(object))]
}

function folderOf({ mapping, dt, runId }: LandRequest, dataset: Dataset): string {
  return rawFolderOfRun({ source: mapping.name, dataset: dataset.name, dt, runId })
}

/** What an interrupted attempt of this run put and the manifest does not name. Without a manifest nothing is removed: it is not known then what is one. */
async function removeStrays(request: LandRequest, delivery: Delivery): Promise<void> {
  const named = new Set(delivery.objects.map((object) => object.key))
  for (const dataset of request.mapping.datasets) {
    for await (const { key } of request.store.list(folderOf(request, dataset))) {
      if (named.has(key)) continue
      const subject = `${request.store.name} ${key}`
      await request.durable('store.remove', subject, () => request.store.delete(key))
    }
  }
}

function sameObjects(a: readonly BronzeObject[], b: readonly BronzeObject[]): boolean {
  return a.length === b.length && a.every((object, index) => object.key === b[index]?.key)
}

interface Progress {
  bytes(dataset: Dataset, file: string): (bytes: number) => void
  rows(dataset: Dataset, object: BronzeObject): void
}

function progressOf({ onProgress }: LandRequest): Progress {
  let rows = 0
  let bytes = 0
  let reported = 0
  const report = (dataset: Dataset, file: string) => {
    reported = bytes
    onProgress?.({ rows, bytes, message: `${dataset.name} ${file}` })
  }
  return {
    bytes: (dataset, file) => (more) => {
      bytes += more
      if (bytes - reported >= progressEveryBytes) report(dataset, file)
    },
    rows: (dataset, object) => {
      rows += object.rows
      report(dataset, object.file)
    },
  }
}
