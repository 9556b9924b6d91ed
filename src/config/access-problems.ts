import { claimNameOf } from '../../resolvers/access/definition.js'
import { isAsked } from './authentication-schema.js'
import type { KeyPath, Problem } from './document.js'
import type { ProfileFile } from './schema.js'

/** Settings of who may read what that are good one by one, and open or shut more together than whoever wrote them can have meant. */
export function accessProblems({ roles, gateway }: ProfileFile, base: KeyPath): Problem[] {
  const { authentication, cors, exposed } = gateway
  const asksNobody = !authentication.keys && authentication.jwt === undefined
  const problems: Problem[] = []
  if (cors.origins.includes('*') && !isAsked(authentication))
    problems.push({
      path: [...base, 'gateway', 'cors', 'origins'],
      message:
        '"*" lets every page that somebody opens in a browser read everything, since nobody is asked who they are: name the origins, or set "gateway.authentication"',
    })
  if (exposed && asksNobody && authentication.anonymous === undefined && Object.keys(roles).length > 0)
    problems.push({
      path: [...base, 'roles'],
      atKey: true,
      message:
        'hold for nobody: whoever reaches the gateway ("gateway.exposed") reads everything, since nobody is asked who they are. Set "keys" or "jwt" in "gateway.authentication", or there as "anonymous" the role that all callers have',
    })
  const { anonymous } = authentication
  const rows = anonymous !== undefined && Object.hasOwn(roles, anonymous) ? (roles[anonymous]?.rows ?? {}) : {}
  for (const [key, rule] of Object.entries(rows)) {
    const claim = [rule.eq, ...[rule.in].flat()].map(claimNameOf).find((name) => name !== undefined)
    if (claim === undefined) continue
    problems.push({
      path: [...base, 'gateway', 'authentication', 'anonymous'],
      message: `the role "${anonymous}" reads the claim "${claim}" (rows.${key}), and whoever says nothing of himself has no claims: each of them would be refused`,
    })
  }
  return problems
}
