import { randomBytes } from 'node:crypto'
import { mkdir, open, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { isCode } from './binaries.js'

/**
 * The processes that use one embedded server: a file each in `users/`, named after the process and what it opened. The last one to leave stops the
 * server, and a file whose process is gone does not count, so that a killed process keeps nothing alive.
 */
export class ServerUsers {
  private readonly folder: string
  private readonly mine: string

  constructor(private readonly directory: string) {
    this.folder = join(directory, 'users')
    // One process may open the server twice.
    this.mine = join(this.folder, `${process.pid}.${randomBytes(4).toString('hex')}`)
  }

  async enter(): Promise<void> {
    await mkdir(this.folder, { recursive: true })
    await writeFile(this.mine, await startOf(process.pid))
  }

  /** True when nobody is left. */
  async leave(): Promise<boolean> {
    await rm(this.mine, { force: true })
    let others = 0
    for (const name of await readdir(this.folder).catch(() => [])) {
      const file = join(this.folder, name)
      if (await isSameProcess(Number(name.split('.')[0]), await readFile(file, 'utf8').catch(() => ''))) others += 1
      else await rm(file, { force: true })
    }
    return others === 0
  }

  /** Only one process at a time starts or stops the server. */
  async exclusively<T>(action: () => Promise<T>): Promise<T> {
    const release = await this.lock()
    try {
      return await action()
    } finally {
      await release()
    }
  }

  /** For ending: where no lock can be written (the disk is full) it must go without one. */
  async exclusivelyIfPossible(action: () => Promise<void>): Promise<void> {
    const release = await this.lock().catch(() => undefined)
    try {
      await action()
    } finally {
      await release?.()
    }
  }

  private async lock(): Promise<() => Promise<void>> {
    await mkdir(this.directory, { recursive: true })
    const lock = join(this.directory, 'lock')
    for (;;) {
      try {
        await writeNew(lock, `${process.pid} ${await startOf(process.pid)}`)
        return () => rm(lock, { force: true })
      } catch (error) {
        if (!isCode(error, 'EEXIST')) throw error
        const [pid, ...start] = (await readFile(lock, 'utf8').catch(() => '')).split(' ')
        // An empty file is a lock being written; one that stays empty was left by a process killed in between.
        if (pid && !(await isSameProcess(Number(pid), start.join(' ')))) await rm(lock, { force: true })
        else if (!pid && (await ageOf(lock)) > 5_000) await rm(lock, { force: true })
        else await pause(25)
      }
    }
  }
}

/** Throws EEXIST where it is. What cannot be written whole is taken away again. */
async function writeNew(path: string, content: string): Promise<void> {
  const handle = await open(path, 'wx')
  try {
    await handle.writeFile(content)
  } catch (error) {
    await rm(path, { force: true })
    throw error
  } finally {
    await handle.close()
  }
}

async function ageOf(path: string): Promise<number> {
  const handle = await open(path).catch(() => undefined)
  if (!handle) return 0
  try {
    return Date.now() - (await handle.stat()).mtimeMs
  } finally {
    await handle.close()
  }
}

async function isSameProcess(pid: number, start: string): Promise<boolean> {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (isCode(error, 'ESRCH')) return false
  }
  return (await startOf(pid)) === start
}

/** When the process began, where the system tells (Linux): a process number alone may have been given to another since. */
async function startOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  const afterName = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  // State Z is a process that ended and was not yet waited for.
  return afterName[0] === 'Z' ? 'ended' : (afterName[19] ?? '')
}
