import { execFile } from 'node:child_process'
import { appendFile, chown, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { ServerAccount } from './account.js'
import { writePrivate } from './connection-file.js'
import { EmbeddedPostgresError } from './errors.js'
import { findPostmaster, type Postmaster, postmasterFile } from './postmaster.js'
import { SETTINGS } from './settings.js'

const execute = promisify(execFile)

/** How long a server that starts, stops or was killed may keep others waiting. */
const patienceMs = 60_000

/** The data directory of one server, and PostgreSQL's own programs at work on it. Callers see to it that only one process at a time starts and stops it. */
export class Cluster {
  readonly data: string

  constructor(
    private readonly account: ServerAccount,
    private readonly owner: string,
  ) {
    this.data = join(account.directory, 'data')
  }

  /** Throws POSTGRES_FILES_DAMAGED where there are files, but not those of a whole cluster. */
  async exists(): Promise<boolean> {
    if (await isThere(join(this.data, 'PG_VERSION'))) return true
    const files = await readdir(this.data).catch(() => [])
    if (files.length === 0) return false
    throw new EmbeddedPostgresError(
      'POSTGRES_FILES_DAMAGED',
      `${this.data} holds files, but no PG_VERSION: PostgreSQL's data are not whole. Bring them back from a backup; or move the folder away, and the next run builds everything again from the object store under a new history.`,
    )
  }

  /** In a folder of another name first, so that a killed initdb leaves nothing that looks like a cluster. */
  async initialize(password: string): Promise<void> {
    const { directory, user, binaries } = this.account
    const partial = join(directory, 'data.partial')
    await rm(partial, { recursive: true, force: true })
    await mkdir(directory, { recursive: true, mode: 0o700 })
    const passwordFile = join(directory, 'initial-password')
    await writePrivate(passwordFile, password)
    if (user) {
      await chown(directory, user.uid, user.gid)
      await chown(passwordFile, user.uid, user.gid)
    }
    try {
      // Without these two, LANG=C gives a cluster in SQL_ASCII.
      const locale = ['--encoding=UTF8', '--locale=C']
      const access = [`--username=${this.owner}`, `--pwfile=${passwordFile}`, '--auth=scram-sha-256']
      await this.program(binaries.initdb, ['-D', partial, ...locale, ...access, '--no-instructions'])
      await appendFile(join(partial, 'postgresql.conf'), SETTINGS)
      await rename(partial, this.data)
    } catch (cause) {
      const said = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim() : String(cause)
      throw new EmbeddedPostgresError(
        'POSTGRES_NOT_STARTED',
        `The embedded PostgreSQL cannot make its data in ${directory}: ${said}`,
        { cause },
      )
    } finally {
      await rm(passwordFile, { force: true })
    }
  }

  async isAlive(): Promise<boolean> {
    return (await findPostmaster(this.data)) !== undefined
  }

  /** The server, when it runs; waits for one that is just starting or stopping, as a killed process may have left it. */
  async running(): Promise<Postmaster | undefined> {
    const until = Date.now() + patienceMs
    for (;;) {
      const found = await findPostmaster(this.data)
      if (!found || !/^(starting|stopping)$/.test(found.status) || Date.now() > until) return found
      await pause(100)
    }
  }

  /** The new password of the owner, for a server that does not run: PostgreSQL without a network asks nobody who he is. */
  async setPassword(password: string): Promise<void> {
    await this.forgetKilled()
    const statement = `ALTER ROLE ${this.owner} PASSWORD '${password}'\n`
    const single = ['--single', '-D', this.data, 'postgres']
    await this.program(join(this.account.binaries.root, 'bin', 'postgres'), single, statement)
  }

  /** Prefers the port of last time, so that a saved connection keeps working; `exactly` = that one or none. Throws POSTGRES_NOT_STARTED. */
  async start(preferred: number, exactly = false): Promise<number> {
    await this.forgetKilled()
    const log = join(this.account.directory, 'server.log')
    const until = Date.now() + patienceMs
    for (let attempt = 1; ; attempt += 1) {
      const port = exactly ? preferred : await freePort(attempt === 1 ? preferred : 0)
      const before = await sizeOf(log)
      try {
        await this.control(['start', '-w', '-t', '60', '-l', log, '-o', `-p ${port}`])
        return port
      } catch (cause) {
        const said = (await readFile(log).catch(() => Buffer.alloc(0))).subarray(before).toString().trim()
        // Processes of a killed server end their statement before they notice.
        if (said.includes('pre-existing shared memory block') && Date.now() < until) {
          attempt -= 1
          await pause(500)
          continue
        }
        if (attempt < 3 && !exactly) continue
        const tail = said.split('\n').slice(-5).join('\n')
        throw new EmbeddedPostgresError(
          'POSTGRES_NOT_STARTED',
          `The embedded PostgreSQL does not start. The end of ${log}:\n${tail}`,
          { cause },
        )
      }
    }
  }

  /** Ends the server; one that is gone already is no failure. Throws POSTGRES_NOT_STOPPED. */
  async stop(): Promise<void> {
    for (const mode of ['fast', 'immediate']) {
      if (!(await findPostmaster(this.data))) return
      const failure: unknown = await this.control(['stop', '-m', mode, '-w', '-t', '60']).catch(
        (cause: unknown) => cause,
      )
      const left = failure === undefined ? undefined : await findPostmaster(this.data)
      if (!left) return
      if (mode === 'immediate')
        throw new EmbeddedPostgresError(
          'POSTGRES_NOT_STOPPED',
          `The embedded PostgreSQL (process ${left.pid}, data in ${this.data}) does not stop. End it with: kill -QUIT ${left.pid}`,
          { cause: failure },
        )
    }
  }

  /** Takes away what a killed server wrote about itself. Its number may be another process's by now, or a zombie's: then PostgreSQL would refuse to start. */
  private async forgetKilled(): Promise<void> {
    if (process.platform === 'linux' && !(await findPostmaster(this.data)))
      await rm(postmasterFile(this.data), { force: true })
  }

  private async control(args: readonly string[]): Promise<void> {
    await this.program(this.account.binaries.pgCtl, [...args, '-D', this.data])
  }

  /** pg_ctl puts the server into a session of its own, so that Ctrl-C reaches this process only. */
  private async program(path: string, args: readonly string[], input = ''): Promise<void> {
    const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' }
    const ended = execute(path, args, { ...this.account.user, env, cwd: this.account.directory })
    // Who ends before he has read it says so by his exit code.
    ended.child.stdin?.on('error', () => undefined).end(input)
    await ended
  }
}

async function freePort(preferred: number): Promise<number> {
  const server = createServer()
  const listen = (port: number) =>
    new Promise<void>((done, fail) => {
      server.once('error', fail)
      server.listen(port, '127.0.0.1', done)
    })
  await listen(preferred).catch(() => listen(0))
  const address = server.address()
  await new Promise((done) => server.close(done))
  if (address === null || typeof address === 'string') throw new Error('No free port on 127.0.0.1')
  return address.port
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
