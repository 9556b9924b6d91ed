import { randomUUID } from 'node:crypto'
import { readdir, stat, unlink } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { isSystemError } from './disk-errors.js'

/** Unfinished objects lie here, in the store's own file system; no key may begin with it. */
export const temporaryFolder = '.tmp'

/** Process ids come again, after a restart of a container even at once: this tells this process from an earlier one of its id. */
const thisProcess = randomUUID().slice(0, 8)
const thisHost = hostname().replace(/[^A-Za-z0-9-]/g, '-')
/** No upload takes longer. The age decides where the process cannot be asked: on another machine that shares the disk. */
const abandonedAfterMs = 24 * 3_600_000

/** `<host>,<pid>,<process>,<number>.part` */
export function temporaryName(): string {
  return `${thisHost},${process.pid},${thisProcess},${randomUUID()}.part`
}

/** Removes unfinished objects whose writer is gone; returns how many. Those of running processes stay. */
export async function sweepTemporaryFolder(directory: string): Promise<number> {
  let removed = 0
  for (const name of await namesIn(directory)) {
    const path = join(directory, name)
    if (!name.endsWith('.part') || !(await isAbandoned(name, path))) continue
    await unlink(path).catch(ignoreMissing)
    removed++
  }
  return removed
}

async function isAbandoned(name: string, path: string): Promise<boolean> {
  const [host, pid, writer] = name.split(',')
  if (host === thisHost && Number(pid) === process.pid) return writer !== thisProcess
  if (host === thisHost && !isRunning(Number(pid))) return true
  const found = await stat(path).catch(ignoreMissing)
  return found !== undefined && Date.now() - found.mtimeMs > abandonedAfterMs
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return isSystemError(error, 'EPERM')
  }
}

async function namesIn(directory: string): Promise<string[]> {
  return (await readdir(directory).catch(ignoreMissing)) ?? []
}

function ignoreMissing(error: unknown): undefined {
  if (!isSystemError(error, 'ENOENT')) throw error
}
