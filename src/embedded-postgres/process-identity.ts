import { readFile } from 'node:fs/promises'
import { isCode } from './binaries.js'

export async function isSameProcess(pid: number, start: string): Promise<boolean> {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (isCode(error, 'ESRCH')) return false
  }
  return (await startOf(pid)) === start
}

/** When the process began, where the system tells (Linux): a process number alone may have been given to another since. */
export async function startOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  const afterName = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  // State Z is a process that ended and was not yet waited for.
  return afterName[0] === 'Z' ? 'ended' : (afterName[19] ?? '')
}
