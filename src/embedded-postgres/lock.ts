import { createHash, randomBytes } from 'node:crypto'
import { link, readFile, rm, writeFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { isCode } from './binaries.js'
import { isSameProcess, startOf } from './process-identity.js'

/**
 * One holder at a time among the processes of a machine: a file that says who he is. Returns what gives it back. It appears under its name with its content (a link to a
 * file that was written before), so that nobody sees one half made; a machine's crash may leave it empty, which nobody alive is.
 *
 * What a dead process left is removed by the one who holds a second lock, named after the first one's content. Without it, two that read the same
 * stale file would both remove it, the slower one by then the other's new lock. While that second lock is held nobody else removes
 * this content, so what it saw is what it removes; and it is a lock like any other, should its holder be killed too.
 */
export async function takeLock(path: string): Promise<() => Promise<void>> {
  await acquire(path)
  return () => rm(path, { force: true })
}

/** The lock under which a stale lock with this content is removed. */
export function breakerOf(path: string, content: string): string {
  return `${path}.${createHash('sha256').update(content).digest('hex').slice(0, 12)}`
}

async function acquire(path: string): Promise<void> {
  const own = `${path}.${process.pid}-${randomBytes(4).toString('hex')}`
  try {
    // The random part makes the content of every lock another one.
    await writeFile(own, `${process.pid} ${await startOf(process.pid)} ${randomBytes(8).toString('hex')}`)
    while (!(await linked(own, path))) {
      const content = await readOrUndefined(path)
      if (content === undefined) continue
      if (await isHeld(content)) await pause(25)
      else await removeStale(path, content)
    }
  } finally {
    await rm(own, { force: true })
  }
}

async function isHeld(content: string): Promise<boolean> {
  const [pid = '', start = ''] = content.split(' ')
  return isSameProcess(Number(pid), start)
}

async function removeStale(path: string, content: string): Promise<void> {
  const giveBack = await takeLock(breakerOf(path, content))
  try {
    if ((await readOrUndefined(path)) === content) await rm(path, { force: true })
  } finally {
    await giveBack()
  }
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    return true
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false
    throw error
  }
}

async function readOrUndefined(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined
    throw error
  }
}
