import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { takeLock } from './lock.js'
import { isSameProcess, startOf } from './process-identity.js'

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
    return takeLock(join(this.directory, 'lock'))
  }
}
