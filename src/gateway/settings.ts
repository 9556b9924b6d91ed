import type { GoldModel } from '../../models/types.js'
import type { GatewayServices, Limits, RoleDefinition } from '../../resolvers/index.js'
import type { Tracing } from '../tracing/tracing.js'
import type { AuthenticationSettings } from './callers/authenticate.js'
import type { CorsSettings } from './cors.js'
import type { Readiness } from './health.js'
import type { GatewayLogger } from './logger.js'

/** The warehouses stay open when the gateway closes: whoever opened them closes them. */
export interface GatewaySettings extends Omit<GatewayServices, 'models' | 'limits' | 'statements'> {
  /** Those left out are the defaults of `defaultLimits`. */
  readonly limits?: Partial<Limits>
  readonly introspection: boolean
  /** The playground, and Apollo Sandbox at GET /graphql. */
  readonly landingPage: boolean
  readonly logger: GatewayLogger
  /** Only stored operations are answered. */
  readonly safelist?: boolean
  /** Besides the built-in `unrestricted`. */
  readonly roles?: readonly RoleDefinition[]
  /** How callers prove who they are. Left out: everyone reads everything. */
  readonly authentication?: AuthenticationSettings
  readonly readiness?: Readiness
  /** Values of `Host` besides the loopback names, for a proxy on this machine. */
  readonly allowedHosts?: readonly string[]
  /** Addresses, or networks of them (`10.0.0.0/8`), of proxies whose `X-Forwarded-For` is believed. */
  readonly trustedProxies?: readonly string[]
  /** Left out: no page of another origin reads anything. */
  readonly cors?: CorsSettings
  readonly models?: readonly GoldModel[]
  /** Memory for answers and rows of statements, which never expire: a build never changes. Left out, or 0 megabytes: none is kept. */
  readonly cache?: { readonly megabytes: number }
  /** Of the package, and the name of the profile: for GET / and the OpenAPI document. */
  readonly version?: string
  readonly environment?: string
  /** Folders with stored operations, each file a REST endpoint. Left out: there are none. */
  readonly operations?: readonly string[]
  /** Figures for Prometheus at GET /metrics; whoever may ask questions may read them. Left out: none. */
  readonly metrics?: boolean
  readonly tracing?: Tracing | undefined
  /** Questions and statements that take longer are logged, without their values. 0 or left out: none is. */
  readonly slowQuestionMs?: number
  /** False: every request to /graphql goes through Apollo Server. */
  readonly fastLane?: boolean
}
