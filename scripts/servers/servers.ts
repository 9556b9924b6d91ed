import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cacheFolder } from './cache.js'
import { installBqemulator, installFakeGcsServer, installVersitygw, type Say } from './install.js'
import { freePort, Server } from './server.js'

export interface WantedServers {
  readonly s3?: boolean
  readonly gcs?: boolean
  /** Its load jobs read `gs://` from the files of the GCS server that is started with it. */
  readonly bigquery?: boolean
}

export interface ServerOptions {
  /** Where data and logs lie; a new folder, removed by `stop()`, where it is not given. */
  readonly folder?: string
  readonly cache?: string
  readonly say?: Say
}

/** The only credentials that the S3 server knows. */
export const s3Credentials = { accessKeyId: 'goldgate-test', secretAccessKey: 'goldgate-test-secret' } as const

/** Real servers on free ports of 127.0.0.1, each of which may be killed and started again by itself. */
export class Servers {
  constructor(
    private readonly running: Readonly<Partial<Record<keyof WantedServers, Server>>>,
    /** Data and logs. */
    readonly folder: string,
    private readonly isTemporary: boolean,
  ) {}

  get s3(): Server {
    return this.wanted('s3')
  }

  get gcs(): Server {
    return this.wanted('gcs')
  }

  get bigquery(): Server {
    return this.wanted('bigquery')
  }

  /** The variables by which tests find them. */
  environment(): Record<string, string> {
    const { s3, gcs, bigquery } = this.running
    return {
      ...(s3 && {
        GOLDGATE_TEST_S3_ENDPOINT: s3.endpoint,
        GOLDGATE_TEST_S3_ACCESS_KEY: s3Credentials.accessKeyId,
        GOLDGATE_TEST_S3_SECRET_KEY: s3Credentials.secretAccessKey,
      }),
      ...(gcs && { GOLDGATE_TEST_GCS_ENDPOINT: gcs.endpoint }),
      ...(bigquery && { GOLDGATE_TEST_BIGQUERY_ENDPOINT: bigquery.endpoint }),
    }
  }

  async stop(): Promise<void> {
    await Promise.all(Object.values(this.running).map((server) => server.stop()))
    if (this.isTemporary) await rm(this.folder, { recursive: true, force: true })
  }

  private wanted(which: keyof WantedServers): Server {
    const server = this.running[which]
    if (server === undefined) throw new Error(`startServers was not asked for ${which}.`)
    return server
  }
}

/** Installs what is not installed yet, and starts it. Throws, with nothing left running, when one of them does not come up. */
export async function startServers(wanted: WantedServers, options: ServerOptions = {}): Promise<Servers> {
  const cache = options.cache ?? cacheFolder()
  const say = options.say ?? (() => undefined)
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'goldgate-servers-')))
  await mkdir(join(folder, 'gcs'), { recursive: true })
  const makers = { s3: s3Server, gcs: gcsServer, bigquery: bigqueryServer }
  const made: Partial<Record<keyof WantedServers, Server>> = {}
  const servers = new Servers(made, folder, options.folder === undefined)
  try {
    for (const which of ['s3', 'gcs', 'bigquery'] as const) {
      if (!wanted[which]) continue
      const server = await makers[which](folder, cache, say)
      made[which] = server
      await server.start()
    }
    return servers
  } catch (error) {
    await servers.stop()
    throw error
  }
}

async function s3Server(folder: string, cache: string, say: Say): Promise<Server> {
  const port = await freePort()
  const [root, versions] = [join(folder, 's3', 'root'), join(folder, 's3', 'versions')]
  await mkdir(root, { recursive: true })
  await mkdir(versions, { recursive: true })
  return new Server({
    name: 'versitygw (S3)',
    command: await installVersitygw(cache, say),
    args: ['-q', '--health', '/healthz', '--port', `127.0.0.1:${port}`, 'posix', '--versioning-dir', versions, root],
    env: { ROOT_ACCESS_KEY: s3Credentials.accessKeyId, ROOT_SECRET_KEY: s3Credentials.secretAccessKey },
    port,
    healthPath: '/healthz',
    logFile: join(folder, 's3.log'),
  })
}

async function gcsServer(folder: string, cache: string, say: Say): Promise<Server> {
  const port = await freePort()
  const listen = ['-scheme', 'http', '-host', '127.0.0.1', '-port', `${port}`, '-log-level', 'warn']
  const data = ['-backend', 'filesystem', '-filesystem-root', join(folder, 'gcs')]
  return new Server({
    name: 'fake-gcs-server',
    command: await installFakeGcsServer(cache, say),
    args: [...listen, ...data, '-external-url', `http://127.0.0.1:${port}`],
    env: {},
    port,
    healthPath: '/_internal/healthcheck',
    logFile: join(folder, 'gcs.log'),
  })
}

async function bigqueryServer(folder: string, cache: string, say: Say): Promise<Server> {
  const port = await freePort()
  const script = fileURLToPath(new URL('bqemulator-start.py', import.meta.url))
  const data = join(folder, 'bigquery')
  await mkdir(data, { recursive: true })
  return new Server({
    name: 'bqemulator (BigQuery)',
    command: await installBqemulator(cache, say),
    args: [script, 'start', '--rest-port', `${port}`, '--grpc-port', '0', '--data-dir', data, '--log-level', 'warning'],
    env: {
      // Would download DuckDB's avro extension.
      BQEMU_ENABLE_FORMAT_EXTENSIONS: 'false',
      BQEMU_GCS_LOCAL_ROOT: join(folder, 'gcs'),
      // Every query of a test shall read the tables.
      BQEMU_QUERY_CACHE_TTL_SECONDS: '0',
      PYTHONUNBUFFERED: '1',
    },
    port,
    healthPath: '/readyz',
    logFile: join(folder, 'bigquery.log'),
  })
}
