import { type ApiKeyInfo, type ApiKeys, hashOf, looksLikeApiKey } from './api-keys.js'

const noteEveryMs = 5 * 60_000

/** What tells for how long something read of the control database may be kept. */
export interface Generations {
  /** The same as long as nothing changed that must be known at once; undefined: that cannot be told. */
  generation(): string | undefined
}

/**
 * The API keys that a process has seen, in memory until any key is revoked anywhere: whoever revokes one waits until this process has acknowledged, or may no
 * longer answer from memory. Held by their hashes. Those that are not good are not kept: whoever asks could make up any number of them.
 */
export class KnownKeys {
  private kept: { readonly generation: string; readonly keys: Map<string, ApiKeyInfo> } | undefined
  private readonly noted = new Map<string, number>()

  constructor(
    private readonly keys: ApiKeys,
    private readonly watch: Generations,
  ) {}

  /** The key of this text, unless it is revoked or expired. */
  async find(key: string): Promise<ApiKeyInfo | undefined> {
    if (!looksLikeApiKey(key)) return undefined
    const found = await this.known(key)
    if (!found || (found.expiresAt && found.expiresAt.getTime() <= Date.now())) return undefined
    this.note(found.id)
    return found
  }

  private async known(key: string): Promise<ApiKeyInfo | undefined> {
    const memory = this.memory()
    const hash = hashOf(key).toString('base64')
    const kept = memory?.get(hash)
    if (kept) return kept
    const found = await this.keys.find(key)
    // Into what was there before it was read: should a key have changed meanwhile, nobody looks there any more.
    if (found) memory?.set(hash, found)
    return found
  }

  private memory(): Map<string, ApiKeyInfo> | undefined {
    const generation = this.watch.generation()
    if (generation === undefined) return undefined
    if (this.kept?.generation !== generation) this.kept = { generation, keys: new Map() }
    return this.kept.keys
  }

  /** Nobody waits for it, and nothing fails with it. */
  private note(id: string): void {
    const now = Date.now()
    if (now - (this.noted.get(id) ?? 0) < noteEveryMs) return
    this.noted.set(id, now)
    void this.keys.noteUse(id).catch(() => this.noted.delete(id))
  }
}
