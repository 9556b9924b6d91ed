import { join } from 'node:path'
import { chooseAccount, makePrivateFolder, serverUser } from './account.js'
import { locateBinaries } from './binaries.js'
import { withClient } from './client.js'
import { Cluster } from './cluster.js'
import { type Connection, newConnection, readConnection, writeConnection, writePrivate } from './connection-file.js'
import { EmbeddedPostgresError } from './errors.js'
import { Keeper, type KeeperLog } from './keeper.js'
import { closeDatabase, closeToReader, makeReader, openToReader, READER } from './reader-role.js'
import { ServerUsers } from './users.js'

const OWNER = 'goldgate'

/** A real PostgreSQL in `<home>/postgres`, shared by all processes of that home and stopped by the last of them. */
export class EmbeddedPostgres {
  private constructor(
    private readonly cluster: Cluster,
    private readonly users: ServerUsers,
    private readonly keeper: Keeper,
    private readonly connection: Connection,
    /** A file with a URL that can read everything and change nothing, for its owner's eyes: `psql "$(cat FILE)"`. */
    readonly urlFile: string,
  ) {}

  /**
   * Starts the server, or joins the one that runs, and starts it again whenever it ends before `close`. Throws EmbeddedPostgresError, with the
   * server's own words when it does not start. `forPeople`: the database that the URL of `urlFile` names.
   */
  static async open(
    home: string,
    log: KeeperLog = { warn() {}, error() {} },
    forPeople = 'warehouse',
  ): Promise<EmbeddedPostgres> {
    const state = join(home, 'postgres')
    await makePrivateFolder(state, await serverUser())
    const cluster = new Cluster(await chooseAccount(state, await locateBinaries()), OWNER)
    const users = new ServerUsers(state)
    const urlFile = join(state, 'url')
    const connection = await users.exclusively(async () => {
      await users.enter()
      try {
        const found = await connect(cluster, state)
        await writePrivate(urlFile, urlOf(found, forPeople, READER, found.readerPassword))
        return found
      } catch (error) {
        if (await users.leave()) await cluster.stop().catch(() => undefined)
        throw error
      }
    })
    const keeper = new Keeper(cluster, users, connection.port, log)
    return new EmbeddedPostgres(cluster, users, keeper, connection, urlFile)
  }

  /** Connection URL of one database, with the password. */
  url(database: string): string {
    return urlOf(this.connection, database, OWNER, this.connection.password)
  }

  /** Creates the database where it is missing and returns its URL; `forPeople` = whoever has the URL of `urlFile` may read it; nobody else's may he. */
  async database(name: string, forPeople = false): Promise<string> {
    await withClient(this.url('postgres'), async (client) => {
      const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name])
      if (found.rowCount === 0) {
        await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`).catch((error: unknown) => {
          // Two processes that start at once both find it missing.
          if (!(error instanceof Error && 'code' in error && (error.code === '42P04' || error.code === '23505')))
            throw error
        })
        await closeDatabase(client, name)
      }
      if (!forPeople) await closeToReader(client, name)
    })
    if (forPeople) await openToReader(this.url(name))
    return this.url(name)
  }

  /** Stops the server if no other process uses it. */
  async close(): Promise<void> {
    await this.keeper.stop()
    await this.users.exclusivelyIfPossible(async () => {
      if (await this.users.leave()) await this.cluster.stop()
    })
  }
}

/** A server that runs, made and started where it was not there. */
async function connect(cluster: Cluster, state: string): Promise<Connection> {
  const known = await readConnection(state)
  const exists = await cluster.exists()
  const secrets = known ?? newConnection()
  const running = await cluster.running()
  if (!known) {
    if (running)
      throw new EmbeddedPostgresError(
        'POSTGRES_PASSWORDS_LOST',
        `${join(state, 'connection.json')} is missing while PostgreSQL runs (process ${running.pid}). Stop all goldgate processes; if it still runs then, stop it with: kill -INT ${running.pid}. The next start gives it new passwords.`,
      )
    if (exists) await cluster.setPassword(secrets.password)
    // Before the cluster: a process that is killed in between leaves a password without a cluster, never the other way round.
    await writeConnection(state, secrets)
  }
  if (!exists) await cluster.initialize(secrets.password)
  const port = running?.port ?? (await cluster.start(secrets.port))
  const connection = { ...secrets, port }
  await makeReader(urlOf(connection, 'postgres', OWNER, connection.password), connection.readerPassword)
  if (port !== secrets.port) await writeConnection(state, connection)
  return connection
}

function urlOf({ port }: Connection, database: string, user: string, password: string): string {
  return `postgresql://${user}:${password}@127.0.0.1:${port}/${encodeURI(database)}`
}
