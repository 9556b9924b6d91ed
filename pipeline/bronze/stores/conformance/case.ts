import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { type ObjectStore, StoreError, type StoreErrorCode } from '../../object-store.js'

/** What a store of any kind must do. Each case is given an empty store and a folder of its own, and throws when the store does not. */
export interface StoreCase {
  readonly name: string
  run(store: ObjectStore, cacheDirectory: string): Promise<void>
}

export function bodyOf(content: string | Uint8Array): Readable {
  return Readable.from([Buffer.from(content)])
}

export async function contentOf(
  store: ObjectStore,
  key: string,
  range?: { start: number; end: number },
): Promise<string> {
  return (await buffer(await store.get(key, range))).toString('utf8')
}

export async function keysOf(store: ObjectStore, prefix: string): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of store.list(prefix)) keys.push(key)
  return keys
}

/** A store that keeps no SHA-256 says none; one that does says the right one. */
export async function hasHead(store: ObjectStore, key: string, content: string): Promise<void> {
  const { sha256, ...found } = (await store.head(key)) ?? {}
  assert.deepEqual(found, { key, bytes: Buffer.byteLength(content) })
  if (sha256 !== undefined) assert.equal(sha256, sha256Of(content))
}

export function sha256Of(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}

export async function rejectsWith(code: StoreErrorCode, work: () => Promise<unknown>): Promise<void> {
  await assert.rejects(work, (error: unknown) => {
    assert(error instanceof StoreError, `a StoreError, not ${String(error)}`)
    assert.equal(error.code, code)
    return true
  })
}
