import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import { validate } from 'node-cron'
import { z } from 'zod'
import { defaultLimits } from '../../resolvers/limits/limits.js'
import { postgresTls, tlsConflict } from '../../warehouses/postgresql/tls.js'
import { postgresUrlProblem } from '../../warehouses/postgresql/url.js'
import { isLoopback } from '../loopback.js'
import { authentication } from './authentication-schema.js'
import { cors } from './cors-schema.js'
import { leastBytes, roles } from './roles-schema.js'

const integer = (least: number, most: number) => z.int().min(least).max(most)
const text = z.string().min(1, 'must not be empty')

export const port = integer(0, 65_535)
export const logLevels = ['error', 'warn', 'info', 'debug'] as const
export type LogLevel = (typeof logLevels)[number]
const logLevel = z.enum(logLevels)

const HOST_NAME = /^[\w.-]+$/

/** What a `Host` header can hold besides the port. */
const allowedHost = text.refine(
  (host) => HOST_NAME.test(host) || (/^\[.*\]$/.test(host) && isIP(host.slice(1, -1)) === 6),
  'is nothing that a Host header says, so that it would never match: write each name or address as callers ask for it, without a scheme, a port or "*": "bi.example.com", "10.0.0.7", "[fd00::7]"',
)

/** Names become folders, header values and GraphQL arguments. */
const NAME = /^[a-z][a-z0-9_-]{0,39}$/
const name = z
  .string()
  .regex(NAME, 'a name is lower-case letters, digits, "-" and "_", begins with a letter and has at most 40 of them')

const addresses = z
  .union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], {
    error: 'is neither an address nor a network of addresses: "10.0.0.7", "10.0.0.0/8", "fd00::/8"',
  })
  .refine((given) => !isEverybody(given), {
    error: 'is the network of all addresses: whoever asks could say that he is anybody. Name that of the proxies',
  })

/** All addresses, also where those of IPv4 are written as such of IPv6. */
function isEverybody(network: string): boolean {
  const [address = '', bits] = network.split('/')
  if (bits === undefined) return false
  const parsed = ipaddr.parse(address)
  const isMapped = parsed instanceof ipaddr.IPv6 && parsed.isIPv4MappedAddress()
  return Number(bits) <= (isMapped ? 96 : 0)
}

/** What is wrong with a host to listen on; undefined when nothing is. */
export function hostProblem(host: string, open: boolean): string | undefined {
  if (isIP(host) === 0 && !HOST_NAME.test(host))
    return 'is no address to listen on: write it without a scheme, a port or brackets, such as "127.0.0.1", "::1" or "localhost"; the port is "gateway.port"'
  if (open || isLoopback(host)) return undefined
  return 'has to be an address of this machine alone (127.0.0.1, ::1 or localhost), since nobody is asked who they are. Set "gateway.authentication", or where something else keeps strangers out (a container’s port published on loopback, a proxy that asks who they are), say so with "gateway.exposed: true"'
}

const control = z
  .strictObject({
    embedded: z.boolean().optional().describe('Use the PostgreSQL that comes with Goldgate.'),
    url: text
      .optional()
      .describe(`URL of a PostgreSQL database of your own, from the environment: \${GOLDGATE_CONTROL_URL}.`),
    tls: postgresTls.optional(),
    poolSize: integer(2, 500).default(8).describe('Connections to it, at most, besides one for each lease.'),
  })
  .superRefine((given, context) => {
    const wrong = (message: string, path: string[] = []) => context.addIssue({ code: 'custom', path, message })
    if ((given.embedded === true) === (given.url !== undefined))
      wrong('give either "embedded: true" or a "url", and not both')
    if (given.url === undefined && given.tls) wrong('belongs to a "url"', ['tls'])
    const unreadable = given.url === undefined ? undefined : postgresUrlProblem(given.url)
    if (unreadable !== undefined) wrong(unreadable, ['url'])
    const conflict = given.url === undefined ? undefined : tlsConflict(given.url, given.tls)
    if (conflict !== undefined) wrong(conflict, ['tls'])
  })
  .describe('The control database: runs, builds and the pointers to what is published.')

const schedule = z
  .strictObject({
    cron: text
      .refine(
        (expression) => validate(expression),
        'is not a cron expression (five fields, or six with seconds first): "0 5 * * *" is daily at five',
      )
      .describe('Five fields, or six with seconds first: "0 5 * * *" is daily at five.'),
    timezone: text
      .refine(isTimeZone, 'is not an IANA time zone such as "Europe/Berlin" or "UTC"')
      .default('UTC')
      .describe('IANA name of the time zone that the expression is read in.'),
  })
  .describe('When a serving process refreshes the source by itself.')

const source = z.strictObject({
  data: text.describe('Folder with the files of the source, relative to this file.'),
  schedule: schedule.optional(),
})

const limits = z
  .strictObject({
    depth: integer(1, 100).default(defaultLimits.depth).describe('Levels of nested fields in a query.'),
    aliases: integer(0, 1_000).default(defaultLimits.aliases).describe('Aliases in one request.'),
    fields: integer(1, 100_000)
      .default(defaultLimits.fields)
      .describe('Fields in one request, those of fragments wherever they are spread.'),
    bodyBytes: integer(1_024, 100_000_000).default(defaultLimits.bodyBytes).describe('Bytes of a request’s body.'),
    defaultPageSize: integer(1, 10_000)
      .default(defaultLimits.defaultPageSize)
      .describe('Rows of a page when the query names no number.'),
    maxPageSize: integer(1, 10_000)
      .default(defaultLimits.maxPageSize)
      .describe('Rows of the largest page; asking for more is an error.'),
    relatedRows: integer(1, 10_000)
      .default(defaultLimits.relatedRows)
      .describe('Rows that all relations of one request may read together; asking for more is an error.'),
    statementTimeoutMs: integer(1, 3_600_000)
      .default(defaultLimits.statementTimeoutMs)
      .describe('Milliseconds after which a statement is cancelled in the warehouse.'),
    exportTimeoutMs: integer(1, 86_400_000)
      .default(defaultLimits.exportTimeoutMs)
      .describe('Milliseconds that an export may take from its first row to its last, its client’s pace included.'),
    exportStallMs: integer(1, 86_400_000)
      .default(defaultLimits.exportStallMs)
      .describe(
        'Milliseconds after which an export is given up, or a connection closed, whose client takes nothing of its answer.',
      ),
    exports: integer(1, 1_000)
      .default(defaultLimits.exports)
      .describe('Exports of one caller that run side by side in one warehouse, in each process.'),
    requestsPerMinute: integer(1, 1_000_000)
      .optional()
      .describe('Requests of one caller, in each process. Default: as many as he likes.'),
    exportRows: integer(1, 10_000_000_000).optional().describe('Rows of one export. Default: all of them.'),
    bytes: integer(leastBytes, Number.MAX_SAFE_INTEGER)
      .optional()
      .describe(
        'Bytes that all statements of one request may be estimated to read together, in warehouses that bill by them. Default: as many as they do.',
      ),
  })
  .refine((given) => given.defaultPageSize <= given.maxPageSize, {
    path: ['defaultPageSize'],
    message: 'must not be larger than maxPageSize',
  })

const gateway = z.strictObject({
  host: text
    .default('127.0.0.1')
    .describe(
      'A loopback address, unless callers are asked who they are or "exposed" is true. The variable HOST overrides it.',
    ),
  port: port.default(4000).describe('0 = any free port. The variable PORT overrides it.'),
  landingPage: z
    .boolean()
    .default(true)
    .describe('The playground (GraphiQL) at /playground and Apollo Sandbox at GET /graphql, whatever NODE_ENV says.'),
  introspection: z.boolean().default(true).describe('Whether clients may read the schema, whatever NODE_ENV says.'),
  exposed: z
    .boolean()
    .default(false)
    .describe('True lets it listen beyond loopback without authentication: everyone who reaches it reads everything.'),
  authentication: authentication.prefault({}),
  operations: z
    .array(text)
    .default([])
    .describe('Folders with stored operations of your own (.graphql files), relative to this file.'),
  safelist: z
    .boolean()
    .default(false)
    .describe('True: only stored operations are answered, at /graphql and /export as below /api/v1/.'),
  allowedHosts: z
    .array(allowedHost)
    .default([])
    .describe('Values of the Host header that are served besides localhost and loopback addresses, without the port.'),
  trustedProxies: z
    .array(addresses)
    .default([])
    .describe(
      'Addresses, or networks such as "10.0.0.0/8", of proxies whose X-Forwarded-For is believed: their callers are told apart by their own addresses.',
    ),
  cors: cors.prefault({}),
  aliases: z
    .record(name, text)
    .default({})
    .describe('Further names of warehouses for requests, so that queries need not change with the profile.'),
  fallback: z
    .record(text, text)
    .default({})
    .describe('Which warehouse answers for one that does not; the answer says so.'),
  metrics: z
    .enum(['on', 'off'])
    .optional()
    .describe('Figures for Prometheus at GET /metrics. Default: on where it listens on loopback, else off.'),
  slowQuestionMs: integer(0, 3_600_000)
    .default(5_000)
    .describe('Questions and statements that take longer are logged, without their values. 0 = none is.'),
  limits: limits.prefault({}),
  cache: z
    .strictObject({
      megabytes: integer(0, 1_000_000)
        .default(64)
        .describe(
          'Memory for answers and for rows of statements, which never expire: a build never changes. 0 = none are kept.',
        ),
    })
    .prefault({}),
})

const parity = z.strictObject({
  severity: z
    .enum(['warn', 'error'])
    .default('warn')
    .describe('What a difference between warehouses does: only reported, or the build is not published.'),
})

const pipeline = z.strictObject({
  leaseSeconds: integer(1, 3_600)
    .default(30)
    .describe('A runner that has not renewed its lease for so long counts as gone.'),
  retainBuilds: integer(1, 1_000).default(5).describe('Builds kept in each warehouse, for rollback and for cursors.'),
  conformMemoryMb: integer(128, 1_000_000).default(512).describe('Megabytes of memory for the DuckDB that conforms.'),
})

/** What depends on the kind of a store or warehouse is left to `parseOptions` of that kind. */
export const profileSchema = z
  .strictObject({
    control: control,
    stores: z
      .array(
        z.looseObject({
          name,
          kind: text,
          required: z
            .boolean()
            .default(true)
            .describe(
              'False: a run goes on while it is down, and pays what it owes it later. The first is always required.',
            ),
        }),
      )
      .min(1)
      .describe('Object stores for Bronze and for batches; the first is the primary one.'),
    warehouses: z
      .record(name, z.looseObject({ kind: text }))
      .refine((given) => Object.keys(given).length > 0, 'at least one warehouse is needed')
      .describe('Warehouses by name.'),
    defaultWarehouse: text.optional().describe('Answers where a request names none. Default: the first.'),
    sources: z.record(name, source).default({}).describe('Sources by the name of their mapping.'),
    gateway: gateway.prefault({}),
    roles: roles.default({}),
    pipeline: pipeline.prefault({}),
    parity: parity.prefault({}),
    log: z.strictObject({ level: logLevel.default('info') }).prefault({}),
  })
  .superRefine((profile, context) => {
    if (profile.stores[0]?.required === false) {
      const message = 'the first store is the primary one, without which no run can be: move it down, or take this out'
      context.addIssue({ code: 'custom', path: ['stores', 0, 'required'], message })
    }
    const seen = new Set<string>()
    for (const [index, store] of profile.stores.entries()) {
      if (seen.has(store.name)) {
        context.addIssue({
          code: 'custom',
          path: ['stores', index, 'name'],
          message: `there is a store "${store.name}" already`,
        })
      }
      seen.add(store.name)
    }
  })

export type ProfileFile = z.output<typeof profileSchema>

/** Profiles are parsed one by one: those not in use may lack their variables. */
export const fileSchema = z.strictObject({
  version: z
    .literal(1, { error: 'must be 1, the only version of the format that this Goldgate reads: write "version: 1"' })
    .describe('Version of this file’s format.'),
  profile: text.default('local').describe('The profile in use. The variable GOLDGATE_PROFILE overrides it.'),
  mappings: z
    .array(text)
    .default([])
    .describe('Folders with mappings of your own (<name>/source.yaml), relative to this file.'),
  profiles: z.record(name, z.unknown()).describe('Settings by profile.'),
})

function isTimeZone(zone: string): boolean {
  if (/^[+-]/.test(zone)) return false
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).format(0) !== ''
  } catch {
    return false
  }
}
