import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { StoreCase } from './case.js'

const megabyte = 1024 * 1024
const size = 128 * megabyte
const pieceSize = 64 * 1024
/** What a store may hold at once, whatever the size of the object: the parts that a cloud store sends side by side, and the next one. */
const mostHeld = 80 * megabyte

/** Different bytes in each piece, each piece in memory of its own: a store that collects them cannot hide it. */
function* pieces(): Generator<Buffer> {
  for (let start = 0; start < size; start += pieceSize) {
    const piece = Buffer.alloc(pieceSize, (start / pieceSize) % 251)
    piece.writeUInt32LE(start, 0)
    yield piece
  }
}

function expectedSha256(): string {
  const hash = createHash('sha256')
  for (const piece of pieces()) hash.update(piece)
  return hash.digest('hex')
}

/** Memory that is still in use, not what waits to be collected. */
function memoryInUse(): () => number {
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  return () => {
    collect()
    return process.memoryUsage().arrayBuffers
  }
}

/** Looks at the memory in use each 4 MB of what passes. */
function watch(): { pass(bytes: number): void; most(): number } {
  const inUse = memoryInUse()
  const before = inUse()
  let passed = 0
  let looked = 0
  let most = 0
  return {
    pass: (bytes) => {
      passed += bytes
      if (passed - looked < 4 * megabyte) return
      looked = passed
      most = Math.max(most, inUse() - before)
    },
    most: () => most,
  }
}

export const largeObjectCases: readonly StoreCase[] = [
  {
    name: '128 MB stream in and out in flat memory, byte for byte',
    run: async (store) => {
      const sha256 = expectedSha256()
      const coming = watch()
      const observed = function* () {
        for (const piece of pieces()) {
          coming.pass(piece.length)
          yield piece
        }
      }
      const put = await store.put('large', Readable.from(observed(), { objectMode: false }), { sha256 })
      assert.deepEqual(put, { created: true, bytes: size, sha256 })
      assert(coming.most() < mostHeld, `put held ${coming.most()} bytes`)

      const going = watch()
      const hash = createHash('sha256')
      let bytes = 0
      for await (const piece of await store.get('large')) {
        hash.update(piece)
        bytes += piece.length
        // A reader that is busy for as long as the store needs for all of it: what was not asked for must not pile up.
        if (bytes === piece.length) await drain(await store.get('large'))
        going.pass(piece.length)
      }
      assert.equal(bytes, size)
      assert.equal(hash.digest('hex'), sha256)
      assert(going.most() < mostHeld, `get held ${going.most()} bytes`)
    },
  },
]

async function drain(body: Readable): Promise<void> {
  for await (const _piece of body);
}
