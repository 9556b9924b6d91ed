import { z } from 'zod'
import { isLoopback } from '../loopback.js'

const text = z.string().min(1, 'must not be empty')

/** Signatures that a public key verifies. One with a shared secret is none of them: whoever knows the public key could sign with it. */
const jwtAlgorithms = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
] as const

const jwt = z
  .strictObject({
    jwksUrl: z
      .url({ protocol: /^https?$/, error: 'is not the URL of a JWKS' })
      .refine(isSafe, 'must be https: whoever is between could put keys of his own there')
      .describe(
        'Where the keys of the issuer are: https://…/.well-known/jwks.json. Plain http is for this machine only.',
      ),
    issuer: text.describe('The claim "iss" that a token must have.'),
    audience: text.describe('The claim "aud" that a token must have.'),
    algorithms: z
      .array(z.enum(jwtAlgorithms))
      .min(1)
      .default(['RS256', 'ES256', 'EdDSA'])
      .describe('Signatures that are taken.'),
    clockToleranceSeconds: z.int().min(0).max(300).default(5).describe('How far clocks may be apart.'),
    roleClaim: text
      .default('roles')
      .describe('The claim that names the caller’s roles, one or a list; with dots, a path: realm_access.roles.'),
    roles: z
      .record(text, text)
      .default({})
      .describe('Role by value of that claim. A value that is not here is the name of a role itself.'),
    defaultRole: text
      .optional()
      .describe('Role of callers whose token names none that there is. Default: they are refused.'),
  })
  .describe('Tokens (JWT) that an identity provider signed.')

export const authentication = z
  .strictObject({
    keys: z.boolean().default(false).describe('API keys: "goldgate keys create" makes them.'),
    jwt: jwt.optional(),
    anonymous: text
      .optional()
      .describe('Role of those who say nothing of themselves. Default: they are refused, once keys or jwt are on.'),
    failuresPerMinute: z
      .int()
      .min(0)
      .max(1_000_000)
      .default(60)
      .describe(
        'Bad keys and tokens of one address, in each process; then 429 for the rest of the minute. 0 = no limit.',
      ),
  })
  .describe('How callers prove who they are. Nothing of it: everyone may read everything, on this machine only.')

function isSafe(text: string): boolean {
  if (!URL.canParse(text)) return true
  const { protocol, hostname } = new URL(text)
  return protocol === 'https:' || isLoopback(hostname)
}

export type AuthenticationFile = z.output<typeof authentication>

/** Whether callers who may read anything of their own choice have to prove who they are. */
export const isAsked = ({ keys, jwt, anonymous }: AuthenticationFile): boolean =>
  (keys || jwt !== undefined) && anonymous !== 'unrestricted'
