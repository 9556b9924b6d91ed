import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'

const pieceBytes = 64 * 1024

/** So many bytes that do not repeat, in pieces; `seed` makes others of it. */
export function bodyOfBytes(bytes: number, seed = 0): Readable {
  return Readable.from(pieces(bytes, seed), { objectMode: false })
}

export function sha256OfBytes(bytes: number, seed = 0): string {
  const hash = createHash('sha256')
  for (const piece of pieces(bytes, seed)) hash.update(piece)
  return hash.digest('hex')
}

export async function sha256OfBody(body: Readable): Promise<string> {
  const hash = createHash('sha256')
  for await (const piece of body) hash.update(piece)
  return hash.digest('hex')
}

function* pieces(bytes: number, seed: number): Generator<Buffer> {
  for (let start = 0; start < bytes; start += pieceBytes) {
    const piece = Buffer.alloc(Math.min(pieceBytes, bytes - start), (start / pieceBytes + seed) % 251)
    if (piece.length >= 8) piece.writeDoubleLE(start + seed, 0)
    yield piece
  }
}
