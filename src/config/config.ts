import type { RoleDefinition } from '../../resolvers/access/definition.js'
import type { PostgresTls } from '../../warehouses/postgresql/tls.js'
import type { JwtSettings } from '../gateway/callers/jwt.js'

/** The one configuration of a process: a profile of goldgate.yaml with defaults filled in and overrides applied. Deeply frozen. */
export interface Config {
  /** Absolute path of the file it was read from. */
  readonly file: string
  readonly profile: string
  /** Absolute path of the one folder that holds all state. It may not exist yet. */
  readonly home: string
  readonly control: ControlConfig
  /** At least one; the first is the primary store. */
  readonly stores: readonly StoreConfig[]
  /** At least one, in the order of the file. */
  readonly warehouses: readonly PluginConfig[]
  /** Name of one of `warehouses`. */
  readonly defaultWarehouse: string
  readonly sources: readonly SourceConfig[]
  /** Absolute paths of folders with mappings besides the packaged ones. */
  readonly mappings: readonly string[]
  readonly gateway: GatewayConfig
  /** Besides the built-in `unrestricted`. */
  readonly roles: readonly RoleConfig[]
  readonly pipeline: PipelineConfig
  readonly parity: ParityConfig
  readonly log: { readonly level: LogLevel }
}

export type ControlConfig = {
  /** Connections at most, besides those that hold a lease. */
  readonly poolSize: number
} & (
  | { readonly embedded: true }
  /** `url` is a PostgreSQL URL. Secret: it may hold a password. The path in `tls` is absolute. */
  | { readonly embedded: false; readonly url: string; readonly tls?: PostgresTls }
)

/** An object store or a warehouse. `options` is what the `parseOptions` of its kind returned. */
export interface PluginConfig {
  readonly name: string
  readonly kind: string
  readonly options: unknown
}

export interface StoreConfig extends PluginConfig {
  /** False: a run goes on without it and pays the debt later. The first is always required. */
  readonly required: boolean
}

export interface SourceConfig {
  /** Name of its mapping. */
  readonly name: string
  /** Absolute path of the folder with the source's files. It may not exist yet. */
  readonly data: string
  readonly schedule?: Schedule
}

interface Schedule {
  /** A cron expression that node-cron accepts (five fields, or six with seconds). */
  readonly cron: string
  /** IANA name of the time zone that the expression is read in. */
  readonly timezone: string
}

interface GatewayConfig {
  /** A loopback address, unless callers are asked who they are, or `exposed`. */
  readonly host: string
  /** 0 = any free port. */
  readonly port: number
  /** The playground, and the page with Apollo Sandbox at GET /graphql. */
  readonly landingPage: boolean
  readonly introspection: boolean
  /** Other machines may reach it although nobody is asked who they are. */
  readonly exposed: boolean
  /** Only stored operations are answered. */
  readonly safelist: boolean
  /** Values of the `Host` header that are served besides the loopback names. */
  readonly allowedHosts: readonly string[]
  /** Addresses, or networks of them, of proxies whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[]
  /** Origins whose pages may read answers; `*`: all. */
  readonly cors: { readonly origins: readonly string[] }
  /** Further names of warehouses for requests: those of a role, so that queries need not change with the profile. */
  readonly aliases: Readonly<Record<string, string>>
  /** Which warehouse answers where the first one does not. */
  readonly fallback: Readonly<Record<string, string>>
  /** GET /metrics for Prometheus; undefined: on where it listens on loopback. */
  readonly metrics?: 'on' | 'off' | undefined
  /** 0: no question is logged as slow. */
  readonly slowQuestionMs: number
  readonly limits: GatewayLimits
  readonly authentication: AuthenticationConfig
  /** Absolute paths of folders with stored operations besides the packaged ones. */
  readonly operations: readonly string[]
  /** Memory for answers and for rows of statements; 0 megabytes: none are kept. */
  readonly cache: { readonly megabytes: number }
}

export interface AuthenticationConfig {
  /** API keys of the control database. */
  readonly keys: boolean
  readonly jwt?: JwtSettings | undefined
  /** Role of those who say nothing of themselves; undefined: they are refused where keys or tokens are asked for, and unrestricted where nothing is. */
  readonly anonymous?: string | undefined
  /** Bad credentials of one address, in each process; 0: no limit. */
  readonly failuresPerMinute: number
}

/** What the file says of a role, checked against the models. */
type RoleConfig = RoleDefinition

interface GatewayLimits {
  /** Levels of nested fields in a query. */
  readonly depth: number
  /** Aliases in one request. */
  readonly aliases: number
  /** Fields in one request, those of fragments wherever they are spread. */
  readonly fields: number
  /** Bytes of a request's body. */
  readonly bodyBytes: number
  readonly defaultPageSize: number
  readonly maxPageSize: number
  /** Rows that all relations of one request may read together. */
  readonly relatedRows: number
  /** Milliseconds after which a statement is cancelled in the warehouse. */
  readonly statementTimeoutMs: number
  /** Milliseconds that an export may take. */
  readonly exportTimeoutMs: number
  /** Milliseconds after which an export is given up whose client takes nothing of it. */
  readonly exportStallMs: number
  /** Of one caller, side by side in one warehouse, in each process. */
  readonly exports: number
  /** Of one caller, in each process. */
  readonly requestsPerMinute?: number | undefined
  readonly exportRows?: number | undefined
  /** Bytes that all statements of one request may be estimated to read together, in warehouses that bill by them. */
  readonly bytes?: number | undefined
}

interface PipelineConfig {
  /** Seconds after which a runner that does not renew its lease counts as gone. */
  readonly leaseSeconds: number
  /** Builds of each warehouse that passed their checks and are kept. */
  readonly retainBuilds: number
  /** Megabytes of memory for the DuckDB that conforms. */
  readonly conformMemoryMb: number
}

interface ParityConfig {
  /** What a difference between warehouses does to a build: `error` keeps it from being published. */
  readonly severity: 'warn' | 'error'
}

export const logLevels = ['error', 'warn', 'info', 'debug'] as const
export type LogLevel = (typeof logLevels)[number]
