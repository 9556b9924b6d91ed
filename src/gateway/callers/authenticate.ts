import type { FastifyRequest } from 'fastify'
import { type Access, type Claims, GoldgateError, type Role } from '../../../resolvers/index.js'
import type { GatewayLogger } from '../logger.js'
import { networkOf } from './addresses.js'
import type { Authenticate, Caller } from './caller.js'
import { credentialOf } from './credentials.js'
import { FailedAttempts } from './failed-attempts.js'
import type { Roles } from './roles.js'

/** Somebody who is known, before it is said as what he asks. */
export interface Identity {
  /** Id of a key, subject of a token. Never a secret. */
  readonly name: string
  /** Others have the same name. */
  readonly nameless?: boolean
  /** The first is the one of requests that name none; names that no role has give nothing. */
  readonly roles: readonly string[]
  /** The role of one who has none of these. */
  readonly otherwise?: string | undefined
  readonly claims: Claims
  /** Milliseconds since 1970, in which the credential is over by itself; left out: it never is. */
  readonly goodUntil?: number | undefined
  /** The credential may be taken back before that. */
  readonly revocable?: boolean
}

/** One way to prove who one is. */
export interface Verifier {
  /** Whether a credential is of this kind. */
  takes(credential: string): boolean
  /** Who it is of; undefined for a credential that is not good. Throws AUTHENTICATION_UNAVAILABLE where that cannot be told. */
  verify(credential: string): Promise<Identity | undefined>
}

export interface AuthenticationSettings {
  /** None: nobody is asked who they are. */
  readonly verifiers: readonly Verifier[]
  /** Role of those who say nothing of themselves. */
  readonly anonymous?: string | undefined
  /** Bad credentials of one address; left out: 60, 0: as many as they like. */
  readonly failuresPerMinute?: number | undefined
}

/** Tells who sent a request by the credential in it; `x-goldgate-role` chooses among the roles that he has. */
export function authenticator(
  { verifiers, anonymous, failuresPerMinute = 60 }: AuthenticationSettings,
  roles: Roles,
  logger: Pick<GatewayLogger, 'warn'>,
): Authenticate {
  const known = anonymous ?? (verifiers.length === 0 ? 'unrestricted' : undefined)
  const attempts = new FailedAttempts(failuresPerMinute)
  const accessOf = loggingAccess(logger)
  return async (request): Promise<Caller> => {
    const credential = verifiers.length === 0 ? undefined : credentialOf(request)
    if (credential === undefined) {
      if (known === undefined) throw unauthenticated('Say who you are.')
      return callerOf({ name: 'anonymous', nameless: true, roles: [known], claims: {} }, request, roles, accessOf)
    }
    const network = networkOf(request)
    attempts.check(network, credential)
    // A bad credential is never taken for none: its owner would not learn that it is bad.
    const identity = await verifiers.find((each) => each.takes(credential))?.verify(credential)
    if (!identity) {
      attempts.failed(network, credential)
      throw unauthenticated('The key or token is unknown, revoked or expired.')
    }
    attempts.succeeded(credential)
    return callerOf(identity, request, roles, accessOf)
  }
}

/** Signing keys of tokens are renewed, and the use of an API key is noted, where callers are asked who they are. */
const believedMs = 60_000

type AccessOf = (role: Role, claims: Claims) => Access

/** What a caller of a role may read. Where a claim is missing or is no value, the log says so once: a rule that is misspelt refuses all its callers. */
function loggingAccess(logger: Pick<GatewayLogger, 'warn'>): AccessOf {
  const told = new Set<string>()
  return (role, claims) => {
    try {
      return role.access(claims)
    } catch (error) {
      if (!(error instanceof GoldgateError)) throw error
      const key = `${role.name} ${error.message}`
      if (!told.has(key)) {
        told.add(key)
        logger.warn(`CLAIM: callers of a role are refused, and this is said once for each claim. ${error.message}`, {
          role: role.name,
        })
      }
      throw error
    }
  }
}

function callerOf(identity: Identity, { headers }: FastifyRequest, roles: Roles, accessOf: AccessOf): Caller {
  const { name, nameless, revocable, claims, goodUntil = Number.POSITIVE_INFINITY } = identity
  const given = identity.roles.flatMap((each) => roles.get(each) ?? [])
  const own = given.length > 0 ? given : [roles.get(identity.otherwise ?? '') ?? []].flat()
  const asked = headers['x-goldgate-role']
  const role = typeof asked === 'string' ? chosen(asked, own, roles) : own[0]
  if (role)
    return {
      ...{ name, nameless, revocable },
      believedUntil: Math.min(goodUntil, Date.now() + believedMs),
      access: accessOf(role, claims),
    }
  const message =
    typeof asked === 'string'
      ? `You do not have the role ${JSON.stringify(asked.slice(0, 60))}.`
      : 'None of the roles of your key or token is configured here.'
  throw new GoldgateError('FORBIDDEN', `${message} You have: ${own.map((each) => each.name).join(', ') || 'none'}.`)
}

/** Who may see everything may also look as a narrower role sees it. */
function chosen(name: string, own: readonly Role[], roles: Roles): Role | undefined {
  return own.includes(roles.unrestricted) ? roles.get(name) : own.find((role) => role.name === name)
}

const unauthenticated = (what: string): GoldgateError =>
  new GoldgateError(
    'UNAUTHENTICATED',
    `${what} Send an API key or a token as "Authorization: Bearer …", a key also as x-api-key or as the password of HTTP Basic.`,
  )
