import { randomBytes } from 'node:crypto'
import { open, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { isCode } from './binaries.js'
import { EmbeddedPostgresError } from './errors.js'

const connectionFile = z.object({
  port: z.int().min(0).max(65_535),
  password: z.string().min(1),
  readerPassword: z.string().min(1),
})

/** Where the server listens and the passwords of its two users. */
export type Connection = z.infer<typeof connectionFile>

const fileIn = (directory: string): string => join(directory, 'connection.json')

/** Undefined where there is none. Throws POSTGRES_FILES_DAMAGED. */
export async function readConnection(directory: string): Promise<Connection | undefined> {
  const file = fileIn(directory)
  try {
    return connectionFile.parse(JSON.parse(await readFile(file, 'utf8')))
  } catch (cause) {
    if (isCode(cause, 'ENOENT')) return undefined
    if (!(cause instanceof SyntaxError || cause instanceof z.ZodError)) throw cause
    throw new EmbeddedPostgresError(
      'POSTGRES_FILES_DAMAGED',
      `${file} is damaged. Delete it while no goldgate process runs: the next start gives PostgreSQL new passwords, and its data stay.`,
      { cause },
    )
  }
}

export function writeConnection(directory: string, connection: Connection): Promise<void> {
  return writePrivate(fileIn(directory), JSON.stringify(connection))
}

export function newConnection(): Connection {
  const secret = () => randomBytes(18).toString('base64url')
  return { port: 0, password: secret(), readerPassword: secret() }
}

/** For its owner's eyes only, and whole or not at all: the old content stays until the new one is on the disk. */
export async function writePrivate(path: string, content: string): Promise<void> {
  const partial = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`
  const file = await open(partial, 'wx', 0o600)
  try {
    await file.writeFile(content)
    await file.sync()
    await file.close()
    await rename(partial, path)
  } catch (error) {
    await file.close().catch(() => undefined)
    await rm(partial, { force: true })
    throw error
  }
  await syncFolder(dirname(path))
}

/** A rename is durable when its folder is. Not every system can do that (Windows). */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path).catch(() => undefined)
  await folder?.sync().catch(() => undefined)
  await folder?.close()
}
