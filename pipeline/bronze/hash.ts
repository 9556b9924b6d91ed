import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'

/** SHA-256 of everything that comes, lower-case hex, and how much it was. */
export async function hashOf(
  body: Readable,
  onBytes: (bytes: number) => void = () => {},
): Promise<{ readonly sha256: string; readonly bytes: number }> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const piece of body) {
    hash.update(piece)
    bytes += piece.length
    onBytes(piece.length)
  }
  return { sha256: hash.digest('hex'), bytes }
}

export function hashOfText(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
