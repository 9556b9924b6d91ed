import type { RoleDefinition } from '../../resolvers/access/definition.js'
import type { PostgresTls } from '../../warehouses/postgresql/tls.js'
import type { ProfileFile } from './schema.js'

/** The one configuration of a process: a profile of goldgate.yaml with defaults filled in and overrides applied. Deeply frozen. What is taken from the file as it is, is described in `schema.ts`. */
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
  readonly pipeline: Readonly<ProfileFile['pipeline']>
  readonly parity: Readonly<ProfileFile['parity']>
  readonly log: Readonly<ProfileFile['log']>
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

/** As the file says, but for HOST and PORT of the environment, which override it; `operations` are absolute paths. */
type GatewayConfig = Readonly<ProfileFile['gateway']>

export type AuthenticationConfig = GatewayConfig['authentication']

/** What the file says of a role, checked against the models. */
type RoleConfig = RoleDefinition
