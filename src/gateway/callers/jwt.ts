import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from 'jose'
import { GoldgateError } from '../../../resolvers/index.js'
import type { Verifier } from './authenticate.js'

export interface JwtSettings {
  readonly jwksUrl: string
  readonly issuer: string
  readonly audience: string
  /** None with a shared secret among them. */
  readonly algorithms: readonly string[]
  readonly clockToleranceSeconds: number
  /** The claim with the caller's roles: its name, or with dots its path. */
  readonly roleClaim: string
  /** Role by value of that claim. */
  readonly roles: Readonly<Record<string, string>>
  readonly defaultRole?: string | undefined
}

const jwksTimeoutMs = 5_000

/**
 * Tokens that an identity provider signed: by a key of its JWKS, for this audience, not expired. Its keys are read again when a token names one that is
 * not known, at most once in `cooldownMs`: forged names must not become a flood.
 */
export function jwtVerifier(settings: JwtSettings, cooldownMs = 10_000): Verifier {
  const keys = createRemoteJWKSet(new URL(settings.jwksUrl), {
    cooldownDuration: cooldownMs,
    timeoutDuration: jwksTimeoutMs,
  })
  const { issuer, audience, algorithms, clockToleranceSeconds } = settings
  const options = {
    ...{ issuer, audience, algorithms: [...algorithms], clockTolerance: clockToleranceSeconds },
    // One that is good for ever could never be taken back.
    requiredClaims: ['exp'],
  }
  return {
    takes: (credential) => /^[\w-]+\.[\w-]+\.[\w-]*$/.test(credential),
    async verify(credential) {
      try {
        const { payload } = await jwtVerify(credential, keys, options)
        const { sub } = payload
        const named = typeof sub === 'string' && sub !== ''
        return {
          ...(named ? { name: `token ${sub.slice(0, 200)}` } : { name: 'token', nameless: true }),
          roles: rolesOf(payload, settings),
          otherwise: settings.defaultRole,
          claims: payload,
          ...(payload.exp !== undefined && { goodUntil: payload.exp * 1_000 }),
        }
      } catch (error) {
        if (isRefusal(error)) return undefined
        throw new GoldgateError(
          'AUTHENTICATION_UNAVAILABLE',
          'Whether the token is good cannot be told: the keys of its issuer could not be read. Ask again later.',
          { cause: error },
        )
      }
    },
  }
}

/** The token is not good, as against: its keys could not be had. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof errors.JOSEError)) return false
  return !(
    error instanceof errors.JWKSTimeout ||
    error instanceof errors.JWKSInvalid ||
    error.code === 'ERR_JOSE_GENERIC'
  )
}

function rolesOf(payload: JWTPayload, { roleClaim, roles }: JwtSettings): string[] {
  const values = [claimAt(payload, roleClaim)].flat().filter((value) => typeof value === 'string')
  return values.flatMap((value) => {
    if (Object.hasOwn(roles, value)) return roles[value] ?? []
    // The built-in role is given on purpose only, never because an identity provider has a word like it.
    return value === 'unrestricted' ? [] : [value]
  })
}

/** A claim by its name, else by its path: names may hold dots themselves (`https://example.com/roles`). */
function claimAt(payload: JWTPayload, claim: string): unknown {
  if (Object.hasOwn(payload, claim)) return payload[claim]
  return claim
    .split('.')
    .reduce<unknown>(
      (value, key) =>
        typeof value === 'object' && value !== null && Object.hasOwn(value, key)
          ? (value as Record<string, unknown>)[key]
          : undefined,
      payload,
    )
}
