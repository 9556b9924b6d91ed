import { type BatchManifest, parseBatchManifest } from './batch-manifest.js'
import { canonicalJson } from './canonical-json.js'
import type { Delivery } from './delivery.js'
import { hashOfText } from './hash.js'
import { batchManifestKey, type ManifestKind, manifestKey, manifestKindOf } from './layout.js'
import { parseDelivery } from './manifest.js'

/** An object that a manifest names. */
export interface NamedObject {
  readonly key: string
  readonly bytes: number
  readonly sha256: string
  /** The run whose manifest named it first. */
  readonly runId: string
}

/** What the control database knows of a manifest. */
export interface ManifestRecord {
  readonly key: string
  readonly kind: ManifestKind
  readonly runId: string
  readonly source: string
  /** Of the manifest itself. */
  readonly sha256: string
  /** Of the objects that came with it and of itself; what earlier manifests named already is not counted. */
  readonly bytes: number
  readonly objects: number
}

/** Every object that a manifest names, by the text of the manifest. Throws when it is none that this version can read. */
export function objectsOfManifest(key: string, content: string): readonly NamedObject[] {
  return manifestKindOf(key) === 'silver'
    ? objectsOfBatches(parseBatchManifest(content))
    : parseDelivery(content).objects
}

export function recordOfDelivery(delivery: Delivery): ManifestRecord {
  const own = delivery.objects.filter((object) => object.runId === delivery.runId)
  return { key: manifestKey(delivery), kind: 'bronze', ...summary(delivery, own) }
}

export function recordOfBatches(manifest: BatchManifest): ManifestRecord {
  return { key: batchManifestKey(manifest), kind: 'silver', ...summary(manifest, objectsOfBatches(manifest)) }
}

function objectsOfBatches({ runId, batches }: BatchManifest): NamedObject[] {
  return batches.flatMap(({ key, bytes, sha256, quarantine }) => [
    { key, bytes, sha256, runId },
    ...(quarantine ? [{ key: quarantine.key, bytes: quarantine.bytes, sha256: quarantine.sha256, runId }] : []),
  ])
}

function summary(manifest: { readonly runId: string; readonly source: string }, own: readonly NamedObject[]) {
  const content = canonicalJson(manifest)
  const bytes = own.reduce((sum, object) => sum + object.bytes, Buffer.byteLength(content))
  const { runId, source } = manifest
  return { runId, source, sha256: hashOfText(content), bytes, objects: own.length + 1 }
}
