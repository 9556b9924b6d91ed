import { generateDemo } from '../../pipeline/sources/demo/generate.js'
import type { App, RunSummary, SourceTestReport, StatusReport, StoresReport } from '../../src/app.js'
import type { Cli } from '../../src/cli/cli.js'
import { Interruption } from '../../src/cli/interruption.js'
import { runProgram } from '../../src/cli/program.js'
import type { Config } from '../../src/config/config.js'

export const published = {
  warehouse: 'postgres',
  buildId: 'r1',
  tag: 'r1_1',
  publishedAt: '2026-11-21T09:06:46.123Z',
  dataThrough: { demo: '2025-12-31' },
  gate: 'passed',
  stale: false,
  held: false,
} as const

export const goodRun: RunSummary = {
  runId: 'r1',
  resumed: false,
  status: 'published',
  warehouses: [{ warehouse: 'postgres', buildId: 'r1', outcome: 'published', rows: { daily_revenue: 731 } }],
  failedSources: [],
  causes: [],
  stores: [],
  quarantine: [],
  seconds: 1.5,
}

export const emptyStatus: StatusReport = {
  profile: 'local',
  home: '/home',
  control: 'embedded',
  runs: [],
  steps: [],
  builds: [],
  pointers: [{ warehouse: 'postgres' }],
  stores: [],
  quarantine: [],
}

export const soundStores: StoresReport = {
  deep: false,
  sound: true,
  stores: [{ store: 'disk', objects: 3, bytes: 1_200, findings: [], bytesRead: 0, requests: 5, seconds: 0.1 }],
  lostManifests: [],
  contradictions: [],
  seconds: 0.1,
}

export const goodTest: SourceTestReport = {
  source: 'demo',
  dataDirectory: '/files',
  datasets: [{ dataset: 'sales', files: 1, rows: 20_000, rejected: 0 }],
  entities: [
    {
      ...{ entity: 'sales', from: 'sales', raw: 20_000, loaded: 19_998, collapsed: 1, quarantined: 1, filtered: 0 },
      firstRows: [{ sale_id: 'S1', channel: null }],
    },
  ],
  quarantine: [
    {
      ...{ source: 'demo', entity: 'sales', dataset: 'sales', reason: 'NOT_TYPED', column: 'ordered_at', rows: 1 },
      example: { object: 'sales.ndjson', row: 7, text: '{"sale_id":\u001b[31m"S7"}' },
    },
  ],
  seconds: 0.5,
}

const apiKey = {
  ...{ id: 'k7mq2xtd', name: 'Power BI', roles: ['analyst'], claims: { country: ['AT', 'DE'] } },
  createdAt: new Date('2026-11-21T09:06:46Z'),
  expiresAt: new Date('2027-01-01T00:00:00Z'),
  revokedAt: null,
  lastUsedAt: null,
}

/** A command line whose installation is a record of what it was asked, with the answers a test wants. */
export class RecordingCli {
  readonly calls: unknown[][] = []
  out = ''
  err = ''
  readonly keys = {
    create: async (asked: unknown) => {
      this.calls.push(['create', asked])
      return { id: 'k7mq2xtd', key: 'ggk_k7mq2xtd_secret' }
    },
    list: async () => [apiKey],
    revoke: async (id: string) => {
      this.calls.push(['revoke', id])
      return apiKey
    },
  }
  private readonly interruption = new Interruption(
    () => 0,
    () => {},
    () => {},
  )
  private readonly signals = new Map<string, (signal: 'SIGINT' | 'SIGTERM') => void>()

  constructor(
    private readonly cwd: string,
    private readonly config: Partial<Config>,
    private readonly answers: Partial<App> = {},
  ) {
    this.interruption.listen({ on: (signal, listener) => this.signals.set(signal, listener), off: () => {} })
  }

  press(signal: 'SIGINT' | 'SIGTERM' = 'SIGINT'): void {
    this.signals.get(signal)?.(signal)
  }

  /** Resolves with the error that the command ended with, or undefined. */
  run(...args: string[]): Promise<unknown> {
    return runProgram(this.cli(), args).then(
      () => undefined,
      (error: unknown) => error,
    )
  }

  private cli(): Cli {
    const config = { home: '/home', profile: 'local', defaultWarehouse: 'postgres', control: { embedded: true } }
    return {
      version: '0.0.0',
      cwd: this.cwd,
      stdout: {
        write: (text) => {
          this.out += text
        },
      },
      stderr: {
        write: (text) => {
          this.err += text
        },
      },
      interruption: this.interruption,
      loadConfig: async () =>
        ({
          sources: [],
          gateway: { host: '127.0.0.1', port: 0, authentication: { keys: true } },
          ...config,
          ...this.config,
        }) as unknown as Config,
      openApp: async (opened) => this.app(opened),
      generateDemo: async (options, out, hooks) => {
        this.calls.push(['generate', options, out])
        return generateDemo({ sales: 20, products: 5, stores: 2, customers: 5, inventory: 5, ...options }, out, hooks)
      },
    }
  }

  private app(config: Config): App {
    const record = <T>(name: string, answer: T) => {
      return (...args: unknown[]): T => {
        this.calls.push([name, ...args.filter((each) => typeof each !== 'function' && !(each instanceof AbortSignal))])
        return answer
      }
    }
    return {
      config,
      run: record('run', Promise.resolve(goodRun)),
      buildWarehouse: record('buildWarehouse', Promise.resolve(goodRun)),
      parity: record('parity', Promise.resolve({ report: async () => undefined, differingKeys: async () => [] })),
      keys: record('keys', Promise.resolve(this.keys)),
      serve: record('serve', Promise.resolve()),
      status: record('status', Promise.resolve(emptyStatus)),
      check: record('check', Promise.resolve({ ...emptyStatus, file: '/goldgate.yaml', ok: true, parts: [] })),
      setup: record('setup', Promise.resolve({ ...emptyStatus, file: '/goldgate.yaml', ok: true, parts: [] })),
      publish: record('publish', Promise.resolve({ ...published, held: true })),
      release: record('release', Promise.resolve(published)),
      verifyStores: record('verifyStores', Promise.resolve(soundStores)),
      testSource: record('testSource', Promise.resolve(goodTest)),
      sql: record('sql', 'SELECT 1\n'),
      ...this.answers,
      close: async () => {
        this.calls.push(['close'])
        await this.answers.close?.()
      },
    }
  }
}
