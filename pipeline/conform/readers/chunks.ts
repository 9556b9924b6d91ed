import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'
import { FileProblem } from './record-sink.js'

const chunkBytes = 1 << 20

/** The bytes of a file, unpacked where it is packed, in pieces of about a megabyte. `onBytes` counts them as they lie on disk. */
export async function* readChunks(
  path: string,
  gzip: boolean,
  onBytes?: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  const file = createReadStream(path, { highWaterMark: chunkBytes })
  try {
    if (!gzip) {
      for await (const chunk of file) {
        onBytes?.((chunk as Buffer).length)
        yield chunk as Buffer
      }
      return
    }
    file.on('data', (chunk) => onBytes?.(chunk.length))
    const unpacked = createGunzip({ chunkSize: chunkBytes })
    file.on('error', (error) => unpacked.destroy(error))
    file.pipe(unpacked)
    for await (const chunk of unpacked) yield chunk as Buffer
  } catch (cause) {
    if (cause instanceof FileProblem) throw cause
    throw new FileProblem('FILE_UNREADABLE', reasonOf(cause), undefined, { cause })
  } finally {
    file.destroy()
  }
}

function reasonOf(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  if (code === 'Z_BUF_ERROR') return 'the gzip file ends in the middle: it was cut off'
  if (code === 'Z_DATA_ERROR')
    return 'it is no gzip file, or a damaged one; say gzip: false where the file is not packed'
  return cause instanceof Error ? cause.message : String(cause)
}
