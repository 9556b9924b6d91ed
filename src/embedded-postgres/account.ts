import { createHash } from 'node:crypto'
import { cp, mkdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { PostgresBinaries } from './binaries.js'

/** Who PostgreSQL runs as, and where its files may lie so that this account reaches them. */
export interface ServerAccount {
  /** Undefined: as the user of this process. */
  readonly user?: { readonly uid: number; readonly gid: number }
  readonly binaries: PostgresBinaries
  /** Holds the data directory. */
  readonly directory: string
}

/** Where root's fallback copies go: a folder that every account may enter. */
const SHARED_ROOT = '/var/lib/goldgate'

/**
 * PostgreSQL refuses to run as root. Then it runs as `postgres` where that account exists, else as `nobody`, and the data go to
 * a folder under /var/lib/goldgate when that account cannot enter `preferred` (a home below /root, for instance); the same for the programs.
 */
export async function chooseAccount(preferred: string, binaries: PostgresBinaries): Promise<ServerAccount> {
  if (process.getuid?.() !== 0) return { binaries, directory: preferred }
  const user = await findAccount(['postgres', 'nobody'])
  const directory = (await mayEnter(dirname(preferred), user.uid))
    ? preferred
    : join(SHARED_ROOT, createHash('sha256').update(preferred).digest('hex').slice(0, 16))
  await mkdir(dirname(directory), { recursive: true, mode: 0o755 })
  return {
    user,
    directory,
    binaries: (await mayEnter(binaries.root, user.uid)) ? binaries : await copyPrograms(binaries),
  }
}

async function findAccount(names: readonly string[]): Promise<{ uid: number; gid: number }> {
  const accounts = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'))
  for (const name of names) {
    const found = accounts.find((fields) => fields[0] === name)
    if (found) return { uid: Number(found[2]), gid: Number(found[3]) }
  }
  throw new Error(
    'PostgreSQL refuses to run as root, and there is neither a user "postgres" nor "nobody". Run Goldgate as an ordinary user, or create a user "postgres".',
  )
}

async function mayEnter(path: string, uid: number): Promise<boolean> {
  for (let folder = path; ; folder = dirname(folder)) {
    const found = await stat(folder).catch(() => undefined)
    if (found && found.uid !== uid && (found.mode & 0o001) === 0) return false
    if (folder === dirname(folder)) return true
  }
}

async function copyPrograms(binaries: PostgresBinaries): Promise<PostgresBinaries> {
  const version = createHash('sha256').update(binaries.root).digest('hex').slice(0, 8)
  const target = join(SHARED_ROOT, `postgres-${version}`)
  const moved = { root: target, initdb: join(target, 'bin', 'initdb'), pgCtl: join(target, 'bin', 'pg_ctl') }
  const exists = await stat(join(target, 'bin')).catch(() => undefined)
  const newer = exists && exists.mtimeMs >= (await stat(join(binaries.root, 'bin'))).mtimeMs
  if (newer) return moved
  const partial = `${target}.${process.pid}`
  await rm(partial, { recursive: true, force: true })
  await cp(binaries.root, partial, { recursive: true, verbatimSymlinks: true })
  await rm(target, { recursive: true, force: true })
  await rename(partial, target)
  return moved
}
