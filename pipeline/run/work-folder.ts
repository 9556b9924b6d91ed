import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * A folder for the files of one runner, `<work>/<token>`: one that was paused may still hold its own, and goes on in it when it wakes up. What runners with a
 * smaller token left is removed, best effort: a process of theirs may be writing there this very moment, and the next run removes the rest.
 */
export async function claimWorkFolder(work: string, token: bigint): Promise<string> {
  const own = join(work, String(token))
  for (const name of await readdir(work).catch(() => []))
    if (!isNewer(name, token)) await rm(join(work, name), { recursive: true, force: true }).catch(() => undefined)
  await mkdir(own, { recursive: true })
  return own
}

const isNewer = (name: string, token: bigint): boolean => /^\d+$/.test(name) && BigInt(name) > token
