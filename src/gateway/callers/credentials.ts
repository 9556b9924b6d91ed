import type { FastifyRequest } from 'fastify'

/** What a request sends to prove who it is from: `x-api-key`, a bearer token, or the password of HTTP Basic. Undefined: nothing. */
export function credentialOf({ headers }: Pick<FastifyRequest, 'headers'>): string | undefined {
  const own = headers['x-api-key']
  if (typeof own === 'string' && own !== '') return own
  const [scheme = '', ...rest] = (headers.authorization ?? '').trim().split(/\s+/)
  const value = rest.join(' ')
  switch (scheme.toLowerCase()) {
    case '':
      return undefined
    case 'bearer':
      return value
    case 'basic':
      return passwordOf(value)
    default:
      // Something was said, and it is nothing that can be believed.
      return ''
  }
}

/** Some tools send nothing but Basic; whatever user name they are given, the key is the password. */
function passwordOf(encoded: string): string {
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  return colon < 0 ? '' : text.slice(colon + 1)
}
