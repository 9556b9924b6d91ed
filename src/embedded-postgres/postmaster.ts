import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isCode } from './binaries.js'

export interface Postmaster {
  readonly pid: number
  readonly port: number
  /** As the server says: `ready`, `starting`, `stopping`. */
  readonly status: string
}

export const postmasterFile = (data: string): string => join(data, 'postmaster.pid')

/**
 * The server of a data directory, while it lives. pg_ctl would take a killed one for living where nobody waits for it (a zombie, in containers
 * whose first process is no init), and any process that got its number since.
 */
export async function findPostmaster(data: string): Promise<Postmaster | undefined> {
  const lines = (await readFile(postmasterFile(data), 'utf8').catch(() => '')).split('\n').map((line) => line.trim())
  const [pid, , , port, , , , status = ''] = lines
  const found = { pid: Number(pid), port: Number(port), status }
  if (!Number.isInteger(found.pid) || found.pid <= 0) return undefined
  return (await isPostmaster(found.pid, data)) ? found : undefined
}

async function isPostmaster(pid: number, data: string): Promise<boolean> {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (isCode(error, 'ESRCH')) return false
  }
  // Linux: started with -D and its directory; empty for a zombie. Other systems have no such file.
  const words = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined)
  return words === undefined ? process.platform !== 'linux' : words.split('\0').includes(data)
}
