import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { Durable } from '../durable.js'
import { forEachBounded, Slots } from './bounded.js'
import { copyOrRestore, type Restore } from './copy-or-restore.js'
import { hashOfText } from './hash.js'
import { type NamedObject, objectsOfManifest } from './named-objects.js'
import type { ObjectStore } from './object-store.js'
import { readManifest, type WrittenManifest } from './read-manifest.js'

/** Objects that one store takes at once: enough to fill a line, few enough for flat memory. */
export const copiesAtOnce = 4
const manifestsAtOnce = 4

export interface ReplicateRequest {
  /** Where objects come from, the best first. */
  readonly from: readonly ObjectStore[]
  readonly to: ObjectStore
  readonly manifests: readonly WrittenManifest[]
  /** What the target is known to hold already is not looked at. */
  readonly isHeld: (object: NamedObject, manifestKey: string) => boolean
  /** The manifest and all its objects are in the target. */
  readonly onManifest: (manifestKey: string) => Promise<void>
  readonly durable: Durable
  /** For what no store has right. */
  readonly restore?: Restore
  readonly onProgress?: (progress: ReplicateProgress) => void
  readonly signal?: AbortSignal
}

/** What was copied so far; what was there already counts for nothing. */
export interface ReplicateProgress {
  readonly objects: number
  readonly bytes: number
}

/**
 * Brings manifests and what they name to a store: the objects first, several at once, each manifest after all of its own. An object that is there is
 * taken as it is when size and stored SHA-256 agree (size alone where the store keeps none); otherwise it is written again. May be killed and done again.
 */
export async function replicate(request: ReplicateRequest): Promise<ReplicateProgress> {
  const copier = new Copier(request)
  await forEachBounded(request.manifests, manifestsAtOnce, (manifest) => copier.copyManifest(manifest))
  return copier.progress
}

class Copier {
  private readonly slots = new Slots(copiesAtOnce)
  /** Manifests share objects: each is seen to once. */
  private readonly begun = new Map<string, Promise<void>>()
  private objects = 0
  private bytes = 0
  /** Of any manifest: the others begin nothing more. */
  private failure: Error | undefined

  constructor(private readonly request: ReplicateRequest) {}

  get progress(): ReplicateProgress {
    return { objects: this.objects, bytes: this.bytes }
  }

  async copyManifest({ key, sha256 }: WrittenManifest): Promise<void> {
    const { request } = this
    // Also from the target itself: what it has need not come from elsewhere.
    const { content } = await readManifest({ key, sha256 }, [...request.from, request.to], request.to)
    const needed = objectsOfManifest(key, content).filter((object) => !request.isHeld(object, key))
    await forEachBounded(needed, copiesAtOnce, (object) => this.once(object))
    const bytes = Buffer.byteLength(content)
    await this.noted(() => this.bring('replicate.manifest', { key, bytes, sha256: hashOfText(content) }, content))
    await request.onManifest(key)
  }

  private once(object: NamedObject): Promise<void> {
    const bring = () => this.noted(() => this.bring('replicate.object', object))
    const begun = this.begun.get(object.key) ?? this.slots.run(bring)
    this.begun.set(object.key, begun)
    return begun
  }

  private async noted(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      this.failure ??= error instanceof Error ? error : new Error(String(error))
      throw error
    }
  }

  private async bring(
    write: 'replicate.object' | 'replicate.manifest',
    object: Pick<NamedObject, 'key' | 'bytes' | 'sha256'>,
    content?: string,
  ): Promise<void> {
    const { from, to, durable, restore, signal } = this.request
    signal?.throwIfAborted()
    if (this.failure) throw this.failure
    const found = await to.head(object.key)
    if (found && isSame(found, object) && (content === undefined || (await this.isContent(object.key, content)))) return
    const onBytes = (bytes: number) => {
      this.bytes += bytes
      this.request.onProgress?.(this.progress)
    }
    const noted = <T>(work: () => Promise<T>) => durable(write, `${to.name} ${object.key}`, work)
    if (content === undefined) {
      await copyOrRestore({ from, to, object, replace: found !== undefined, onBytes }, restore, noted)
    } else {
      await noted(async () => {
        if (found) await to.delete(object.key)
        await to.put(object.key, Readable.from([Buffer.from(content)]), { sha256: object.sha256 })
      })
    }
    this.objects += 1
    if (content !== undefined) this.bytes += object.bytes
    this.request.onProgress?.(this.progress)
  }

  private async isContent(key: string, content: string): Promise<boolean> {
    return (await text(await this.request.to.get(key))) === content
  }
}

/** As far as a store tells without reading: a disk keeps no checksum. */
export function isSame(
  found: { readonly bytes: number; readonly sha256?: string },
  object: Pick<NamedObject, 'bytes' | 'sha256'>,
): boolean {
  return found.bytes === object.bytes && (found.sha256 === undefined || found.sha256 === object.sha256)
}
