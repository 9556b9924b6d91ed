import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { appendFile, chmod, chown, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { z } from 'zod'
import { chooseAccount, type ServerAccount } from './account.js'
import { locateBinaries } from './binaries.js'
import { ServerUsers } from './users.js'

const execute = promisify(execFile)

const connectionFile = z.object({ port: z.number().int(), password: z.string(), readerPassword: z.string() })
type Connection = z.infer<typeof connectionFile>

const OWNER = 'goldgate'
const READER = 'goldgate_reader'

/** Durable against a crash of the machine (fsync stays on), tuned for bulk loads on a small one. */
const SETTINGS = `
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
wal_level = minimal            # a table filled in the transaction that made it is not logged twice
max_wal_senders = 0
max_wal_size = 4GB
checkpoint_timeout = 30min
shared_buffers = 256MB
work_mem = 64MB
maintenance_work_mem = 256MB
jit = off
max_connections = 200
log_min_messages = warning
`

/** A real PostgreSQL in `<home>/postgres`, shared by all processes of that home and stopped by the last of them. */
export class EmbeddedPostgres {
  private constructor(
    private readonly account: ServerAccount,
    private readonly users: ServerUsers,
    private readonly connection: Connection,
    /** A file with a URL that can read everything and change nothing, for its owner's eyes: `psql "$(cat FILE)"`. */
    readonly urlFile: string,
  ) {}

  /** Starts the server, or joins the one that runs. Throws with the server's own words when it does not start. */
  static async open(home: string): Promise<EmbeddedPostgres> {
    const stateDirectory = join(home, 'postgres')
    await mkdir(stateDirectory, { recursive: true })
    const account = await chooseAccount(join(stateDirectory, 'cluster'), await locateBinaries())
    const users = new ServerUsers(stateDirectory)
    const connection = await users.exclusively(async () => {
      await users.enter()
      const secrets = await readConnection(stateDirectory)
      const fresh = !(await exists(join(account.directory, 'data', 'PG_VERSION')))
      if (fresh) await initialize(account, secrets.password)
      const running = await isRunning(account)
      const port = running ? secrets.port : await start(account, secrets.port)
      const found = { ...secrets, port }
      if (fresh || !running) await createReader(found)
      await writePrivate(join(stateDirectory, 'connection.json'), JSON.stringify(found))
      return found
    })
    const server = new EmbeddedPostgres(account, users, connection, join(stateDirectory, 'url'))
    await writePrivate(server.urlFile, urlOf(connection, 'warehouse', READER, connection.readerPassword))
    return server
  }

  /** Connection URL of one database, with the password. */
  url(database: string): string {
    return urlOf(this.connection, database, OWNER, this.connection.password)
  }

  /** Creates the database where it is missing and returns its URL. */
  async database(name: string): Promise<string> {
    const client = new pg.Client({ connectionString: this.url('postgres') })
    await client.connect()
    try {
      const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name])
      if (found.rowCount === 0) {
        await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`).catch((error: unknown) => {
          // Two processes that start at once both find it missing.
          if (!(error instanceof Error && 'code' in error && (error.code === '42P04' || error.code === '23505')))
            throw error
        })
      }
    } finally {
      await client.end()
    }
    return this.url(name)
  }

  /** Stops the server if no other process uses it. */
  async close(): Promise<void> {
    await this.users.exclusively(async () => {
      if (await this.users.leave()) await control(this.account, ['stop', '-m', 'fast', '-w'])
    })
  }
}

async function readConnection(directory: string): Promise<Connection> {
  const raw = await readFile(join(directory, 'connection.json'), 'utf8').catch(() => undefined)
  if (raw !== undefined) return connectionFile.parse(JSON.parse(raw))
  const fresh = { port: 0, password: secret(), readerPassword: secret() }
  await writePrivate(join(directory, 'connection.json'), JSON.stringify(fresh))
  return fresh
}

const secret = () => randomBytes(18).toString('base64url')

function urlOf({ port }: Connection, database: string, user: string, password: string): string {
  return `postgresql://${user}:${password}@127.0.0.1:${port}/${database}`
}

/** For people: published tables must not change, so the URL that is shown to them cannot write. */
async function createReader(connection: Connection): Promise<void> {
  const client = new pg.Client({ connectionString: urlOf(connection, 'postgres', OWNER, connection.password) })
  await client.connect()
  try {
    const found = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [READER])
    if (found.rowCount === 1) return
    await client.query(`CREATE ROLE ${READER} LOGIN PASSWORD ${client.escapeLiteral(connection.readerPassword)} IN ROLE pg_read_all_data;
      ALTER ROLE ${READER} SET default_transaction_read_only = on; ALTER ROLE ${READER} SET search_path = gold, public`)
  } finally {
    await client.end()
  }
}

/** In a folder of another name first, so that a killed initdb leaves nothing that looks like a cluster. */
async function initialize(account: ServerAccount, password: string): Promise<void> {
  const partial = join(account.directory, 'data.partial')
  await rm(partial, { recursive: true, force: true })
  await mkdir(account.directory, { recursive: true, mode: 0o700 })
  const passwordFile = join(account.directory, 'initial-password')
  await writePrivate(passwordFile, password)
  if (account.user) {
    await chown(account.directory, account.user.uid, account.user.gid)
    await chown(passwordFile, account.user.uid, account.user.gid)
  }
  try {
    // Without these two, LANG=C gives a cluster in SQL_ASCII.
    const locale = ['--encoding=UTF8', '--locale=C']
    const access = [`--username=${OWNER}`, `--pwfile=${passwordFile}`, '--auth=scram-sha-256']
    await program(account, account.binaries.initdb, ['-D', partial, ...locale, ...access, '--no-instructions'])
    await appendFile(join(partial, 'postgresql.conf'), SETTINGS)
    await rename(partial, join(account.directory, 'data'))
  } finally {
    await rm(passwordFile, { force: true })
  }
}

/** Prefers the port of last time, so that a saved connection keeps working. */
async function start(account: ServerAccount, preferred: number): Promise<number> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort(attempt === 1 ? preferred : 0)
    const log = join(account.directory, 'server.log')
    try {
      await control(account, ['start', '-w', '-t', '60', '-l', log, '-o', `-p ${port}`])
      return port
    } catch (cause) {
      if (attempt < 3) continue
      const tail = (await readFile(log, 'utf8').catch(() => '')).trim().split('\n').slice(-5).join('\n')
      throw new Error(`The embedded PostgreSQL does not start. The end of ${log}:\n${tail}`, { cause })
    }
  }
}

async function isRunning(account: ServerAccount): Promise<boolean> {
  return control(account, ['status']).then(
    () => true,
    () => false,
  )
}

async function control(account: ServerAccount, args: readonly string[]): Promise<void> {
  await program(account, account.binaries.pgCtl, [...args, '-D', join(account.directory, 'data')])
}

/** pg_ctl puts the server into a session of its own, so that Ctrl-C reaches this process only. */
async function program(account: ServerAccount, path: string, args: readonly string[]): Promise<void> {
  const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' }
  await execute(path, args, { ...account.user, env, cwd: account.directory })
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

async function writePrivate(path: string, content: string): Promise<void> {
  await writeFile(path, content, { mode: 0o600 })
  await chmod(path, 0o600)
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
