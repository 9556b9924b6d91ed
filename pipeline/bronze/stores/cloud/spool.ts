import { randomUUID } from 'node:crypto'
import { open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Keeps what passes in a file while `use` needs it: for a body whose SHA-256 must be known before its first byte is sent.
 * The file has no name where the system allows that, so a killed process leaves nothing behind.
 */
export async function spooled<T>(
  pieces: AsyncIterable<Uint8Array>,
  use: (again: AsyncIterable<Buffer>) => Promise<T>,
): Promise<T> {
  const path = join(tmpdir(), `goldgate-${randomUUID()}.part`)
  const file = await open(path, 'wx+', 0o600)
  try {
    if (process.platform !== 'win32') await rm(path)
    for await (const piece of pieces) await file.writeFile(piece)
    return await use(file.createReadStream({ start: 0, autoClose: false, highWaterMark: 1024 * 1024 }))
  } finally {
    await file.close()
    await rm(path, { force: true })
  }
}
