import { hash, randomBytes } from 'node:crypto'
import { untilAcknowledged } from './acknowledgement.js'
import type { ControlDatabase } from './database.js'
import { ControlError } from './errors.js'

export interface NewApiKey {
  /** For people: whose it is. */
  readonly name: string
  /** At least one; the first is the one of requests that name none. */
  readonly roles: readonly string[]
  readonly claims: Readonly<Record<string, unknown>>
  readonly expiresAt?: Date | undefined
}

export interface ApiKeyInfo {
  readonly id: string
  readonly name: string
  readonly roles: readonly string[]
  readonly claims: Readonly<Record<string, unknown>>
  readonly createdAt: Date
  readonly expiresAt: Date | null
  readonly revokedAt: Date | null
  /** To five minutes. */
  readonly lastUsedAt: Date | null
}

/** `ggk_`, the id, 256 random bits: recognised in a log or a repository by people and by scanners for secrets. */
const form = /^ggk_([a-z0-9]{8})_[A-Za-z0-9_-]{43}$/

/** Whether a text looks like a key; whether it is one, only the database knows. */
export const looksLikeApiKey = (text: string): boolean => form.test(text)

const columns = `key_id AS id, name, roles, claims, created_at AS "createdAt", expires_at AS "expiresAt",
  revoked_at AS "revokedAt", last_used_at AS "lastUsedAt"`

/** API keys in the control database. */
export class ApiKeys {
  constructor(private readonly database: ControlDatabase) {}

  /** Makes a key. It is shown here and never again. */
  async create({ name, roles, claims, expiresAt }: NewApiKey): Promise<{ readonly id: string; readonly key: string }> {
    const id = randomId()
    const key = `ggk_${id}_${randomBytes(32).toString('base64url')}`
    await this.database.query(
      `INSERT INTO goldgate_control.api_keys (key_id, name, key_hash, roles, claims, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6)`,
      [id, name, hashOf(key), [...roles], JSON.stringify(claims), expiresAt ?? null],
    )
    return { id, key }
  }

  /** Newest first, revoked and expired ones too. */
  list(): Promise<ApiKeyInfo[]> {
    return this.database.query<ApiKeyInfo>(
      `SELECT ${columns} FROM goldgate_control.api_keys ORDER BY created_at DESC, key_id`,
    )
  }

  /** From when this returns no process takes the key. Throws KEY_UNKNOWN. Revoking twice changes nothing. */
  async revoke(id: string): Promise<ApiKeyInfo> {
    const [revoked] = await this.database.query<ApiKeyInfo>(
      `UPDATE goldgate_control.api_keys SET revoked_at = coalesce(revoked_at, now()) WHERE key_id = $1 RETURNING ${columns}`,
      [id],
    )
    if (!revoked) {
      const message = `There is no API key ${JSON.stringify(id.slice(0, 60))}; "goldgate keys list" lists them.`
      throw new ControlError('KEY_UNKNOWN', message)
    }
    await untilAcknowledged(this.database)
    return revoked
  }

  /** The key of this text, unless it is revoked or expired. It is looked up by its hash, so how long that takes tells nothing of it. */
  async find(key: string): Promise<ApiKeyInfo | undefined> {
    if (!looksLikeApiKey(key)) return undefined
    const [found] = await this.database.query<ApiKeyInfo>(
      `SELECT ${columns} FROM goldgate_control.api_keys
       WHERE key_hash = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())`,
      [hashOf(key)],
    )
    return found
  }

  /** Notes that a key is used, unless that was noted in the last minutes. */
  async noteUse(id: string): Promise<void> {
    await this.database.query(
      `UPDATE goldgate_control.api_keys SET last_used_at = now()
       WHERE key_id = $1 AND coalesce(last_used_at < now() - interval '5 minutes', true)`,
      [id],
    )
  }
}

/** What stands for a key where it is kept. */
export const hashOf = (key: string): Buffer => hash('sha256', key, 'buffer')

function randomId(): string {
  const letters = 'abcdefghijklmnopqrstuvwxyz234567'
  return [...randomBytes(8)].map((byte) => letters[byte % letters.length]).join('')
}
