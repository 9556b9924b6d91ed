import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

/** Where installed servers are kept between runs, shared by all checkouts of this user. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  return env.GOLDGATE_SERVERS_CACHE ?? join(env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'goldgate-servers')
}

/**
 * The folder `<name>-<version>` of the cache, filled by `install` unless a former run has filled it to the end. Two processes that want the
 * same one wait for each other; what a killed one left behind is begun again.
 */
export async function cached(
  cache: string,
  name: string,
  version: string,
  install: (folder: string) => Promise<void>,
): Promise<string> {
  const folder = join(cache, `${name}-${version}`)
  const complete = join(folder, '.complete')
  if (await exists(complete)) return folder
  await mkdir(cache, { recursive: true })
  await locked(`${folder}.lock`, async () => {
    if (await exists(complete)) return
    await rm(folder, { recursive: true, force: true })
    await mkdir(folder)
    await install(folder)
    await writeFile(`${complete}.new`, new Date().toISOString())
    await rename(`${complete}.new`, complete)
  })
  return folder
}

/** Runs `perform` while no other living process of this machine does, under the same lock file. */
async function locked(path: string, perform: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      await writeFile(path, String(process.pid), { flag: 'wx' })
      break
    } catch (error) {
      if (!isCode(error, 'EEXIST')) throw error
      const holder = Number(await readFile(path, 'utf8').catch(() => ''))
      // An empty file is one that its holder is about to write; it is there for less than a moment.
      if (holder > 0 && !isAlive(holder)) await rm(path, { force: true })
      else await wait(200)
    }
  }
  try {
    await perform()
  } finally {
    await rm(path, { force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return isCode(error, 'EPERM')
  }
}

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code

const exists = (path: string): Promise<boolean> =>
  readFile(path).then(
    () => true,
    () => false,
  )
