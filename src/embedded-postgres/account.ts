import { createHash, randomBytes } from 'node:crypto'
import { chmod, chown, cp, mkdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isCode, type PostgresBinaries } from './binaries.js'
import { writePrivate } from './connection-file.js'
import { EmbeddedPostgresError } from './errors.js'

/** Who PostgreSQL runs as, and where its files may lie so that this account reaches them. */
export interface ServerAccount {
  /** Undefined: as the user of this process. */
  readonly user?: ServerUser
  readonly binaries: PostgresBinaries
  /** Holds the data directory. */
  readonly directory: string
}

interface ServerUser {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

/** Where root's fallback copies go: a folder that every account may enter. */
const SHARED_ROOT = '/var/lib/goldgate'

/**
 * PostgreSQL refuses to run as root. Then it runs as `postgres` where that account exists, else as `nobody`, and the data go to a folder under
 * /var/lib/goldgate when that account cannot enter `state` (in a home below /root, for instance); the same for the programs. Throws POSTGRES_FILES_CLOSED.
 */
export async function chooseAccount(state: string, binaries: PostgresBinaries): Promise<ServerAccount> {
  const user = await serverUser()
  if (!user) return { binaries, directory: join(state, 'cluster') }
  const directory = await chooseDirectory(state, user)
  await mkdir(dirname(directory), { recursive: true, mode: 0o755 })
  return {
    user,
    directory,
    binaries: (await mayEnter(binaries.root, user)) ? binaries : await copyPrograms(binaries),
  }
}

/** The account that PostgreSQL runs as; undefined where this process is not root. */
export async function serverUser(): Promise<ServerUser | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const accounts = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'))
  for (const name of ['postgres', 'nobody']) {
    const found = accounts.find((fields) => fields[0] === name)
    if (found) return { name, uid: Number(found[2]), gid: Number(found[3]) }
  }
  throw new Error(
    'PostgreSQL refuses to run as root, and there is neither a user "postgres" nor "nobody". Run Goldgate as an ordinary user, or create a user "postgres".',
  )
}

/** Makes a folder for the user of this process alone; `passage` = an account that may pass through it too, and not look around. An existing one stays as it is. */
export async function makePrivateFolder(path: string, passage: ServerUser | undefined): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  try {
    await mkdir(path, { mode: 0o700 })
  } catch (error) {
    if (isCode(error, 'EEXIST')) return
    throw error
  }
  if (!passage) return
  await chown(path, process.getuid?.() ?? 0, passage.gid)
  await chmod(path, 0o710)
}

/** The same at every start: where the data do not lie beside the other files, one of those says where. */
async function chooseDirectory(state: string, user: ServerUser): Promise<string> {
  const own = join(state, 'cluster')
  const elsewhere = join(state, 'cluster-location')
  const told = await readFile(elsewhere, 'utf8').catch(() => undefined)
  if (told !== undefined) return told.trim()
  if (await mayEnter(state, user)) return own
  if (await hasCluster(own))
    throw new EmbeddedPostgresError(
      'POSTGRES_FILES_CLOSED',
      `The data of PostgreSQL are in ${own}, and the user "${user.name}", which it runs as, can no longer go there. Let it pass through every folder on the way, for instance with: chgrp ${user.name} FOLDER && chmod g+x FOLDER`,
    )
  const byPath = join(SHARED_ROOT, createHash('sha256').update(own).digest('hex').slice(0, 16))
  // Without passwords they are the data of a home that is no more: another one in the same place begins anew.
  const older = (await hasCluster(byPath)) && (await isThere(join(state, 'connection.json')))
  const directory = older ? byPath : `${byPath}-${randomBytes(4).toString('hex')}`
  await writePrivate(elsewhere, directory)
  return directory
}

const hasCluster = (directory: string): Promise<boolean> => isThere(join(directory, 'data', 'PG_VERSION'))

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

async function mayEnter(path: string, { uid, gid }: ServerUser): Promise<boolean> {
  for (let folder = path; ; folder = dirname(folder)) {
    const found = await stat(folder).catch(() => undefined)
    if (found) {
      const bit = found.uid === uid ? 0o100 : found.gid === gid ? 0o010 : 0o001
      if ((found.mode & bit) === 0) return false
    }
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
  // Another process may do the same at the same time: its copy is as good.
  if (!exists) {
    const isOurs = await rename(partial, target).then(
      () => true,
      () => false,
    )
    if (isOurs || (await isThere(join(target, 'bin')))) {
      await rm(partial, { recursive: true, force: true })
      return moved
    }
  }
  await rm(target, { recursive: true, force: true })
  await rename(partial, target)
  return moved
}
