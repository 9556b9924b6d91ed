import { randomUUID } from 'node:crypto'
import type { Readable } from 'node:stream'
import { checkSha256, MeasuredBody } from './body.js'
import type { CloudBucket, ObjectNote } from './bucket.js'
import { partsOf } from './parts.js'
import { spooled } from './spool.js'

export interface Put {
  readonly store: string
  /** For messages. */
  readonly key: string
  /** In the bucket. */
  readonly name: string
  readonly body: Readable
  readonly sha256: string | undefined
}

/**
 * Stores a body with its SHA-256 beside it, which must be known before the first byte goes out. What fits in one part is hashed
 * in memory. Anything larger is streamed when the caller knows its SHA-256, and otherwise kept in a local file until it is known.
 */
export async function putIntoBucket(bucket: CloudBucket, put: Put) {
  const body = new MeasuredBody(put.body)
  const noteOf = (sha256: string): ObjectNote => ({ sha256, put: randomUUID() })
  const begun = await begin(partsOf(body.pieces(), (number) => bucket.partBytes(number)))

  if ('content' in begun) {
    checkSha256(put.store, put.key, put.sha256, body.sha256)
    const note = noteOf(body.sha256)
    const created = await once(bucket, put.name, note, () => bucket.create(put.name, begun.content, note))
    return { created, bytes: body.bytes, sha256: body.sha256 }
  }

  const { sha256: expected } = put
  if (expected !== undefined) {
    const checked = async function* () {
      yield* begun.parts
      // Before the object is completed, which happens when there are no more parts.
      checkSha256(put.store, put.key, expected, body.sha256)
    }
    const note = noteOf(expected)
    const created = await once(bucket, put.name, note, () => bucket.createFromParts(put.name, checked(), note))
    // A cloud may say that the name is taken before it has seen all parts.
    if (!created) {
      await body.drain()
      checkSha256(put.store, put.key, expected, body.sha256)
    }
    return { created, bytes: body.bytes, sha256: expected }
  }
  return spooled(begun.parts, async (again) => {
    const note = noteOf(body.sha256)
    const upload = () =>
      bucket.createFromParts(
        put.name,
        partsOf(again, (number) => bucket.partBytes(number)),
        note,
      )
    const created = await once(bucket, put.name, note, upload)
    return { created, bytes: body.bytes, sha256: body.sha256 }
  })
}

/** A name that is taken may be taken by this very put, when the answer to its first request was lost and the client repeated it. */
async function once(bucket: CloudBucket, name: string, note: ObjectNote, create: () => Promise<boolean>) {
  if (await create()) return true
  return (await bucket.find(name))?.put === note.put
}

/** Says whether there is more than one part, and holds on to none of them once they are taken: they are as large as memory allows. */
async function begin(
  parts: AsyncGenerator<Buffer>,
): Promise<{ readonly content: Buffer } | { readonly parts: AsyncIterable<Buffer> }> {
  const first = await parts.next()
  if (first.done) return { content: Buffer.alloc(0) }
  const second = await parts.next()
  if (second.done) return { content: first.value }
  return { parts: joined([first.value, second.value], parts) }
}

async function* joined(first: Buffer[], rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for (let part = first.shift(); part; part = first.shift()) yield part
  yield* rest
}
