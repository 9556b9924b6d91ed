/** What clients of both clouds throw when a server cannot be reached or does not answer. */
const unreachable = new Map([
  ['ECONNREFUSED', 'nothing listens there'],
  ['ENOTFOUND', 'there is no host of that name'],
  ['EAI_AGAIN', 'the name of the host could not be looked up'],
  ['ECONNRESET', 'the connection was cut'],
  ['EPIPE', 'the connection was cut'],
  ['ETIMEDOUT', 'it does not answer'],
  ['ESOCKETTIMEDOUT', 'it does not answer'],
  ['ERR_STREAM_PREMATURE_CLOSE', 'the connection was cut'],
  ['ECONNABORTED', 'the connection was cut'],
  ['EHOSTUNREACH', 'the host cannot be reached'],
  ['ENETUNREACH', 'the network cannot be reached'],
])

const untrusted = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_HAS_EXPIRED',
  'ERR_TLS_CERT_ALTNAME_INVALID',
])

/** Why the server could not be reached; undefined when that was not the trouble. Looks into causes and parts too. */
export function whyUnreachable(error: unknown): string | undefined {
  for (const code of codesOf(error)) {
    const reason = unreachable.get(code)
    if (reason !== undefined) return reason
  }
  if (error instanceof Error && (error.name === 'TimeoutError' || /network timeout/.test(error.message))) {
    return 'it does not answer'
  }
  return undefined
}

/** The trouble with the server's certificate; undefined when there was none. */
export function whyUntrusted(error: unknown): string | undefined {
  const code = codesOf(error).find((each) => untrusted.has(each))
  if (code === undefined) return undefined
  return `the certificate of the server is not trusted (${code}). Name the CA's file in NODE_EXTRA_CA_CERTS`
}

/** What an error tells its reader; the clients' own carry the request, and with it its credentials. */
export function withoutRequest(error: unknown): Error {
  if (!(error instanceof Error)) return new Error('the client threw what is no error')
  const plain = new Error(withoutQueries(error.message))
  plain.name = error.name
  if (error.stack !== undefined) plain.stack = withoutQueries(error.stack)
  return plain
}

/** The address of an upload under way, or a signed one, lets its holder in. */
export function withoutQueries(text: string): string {
  return text.replaceAll(/(https?:\/\/[^\s?'"]+)\?[^\s'"]*/g, '$1')
}

function codesOf(error: unknown): string[] {
  if (!(error instanceof Error)) return []
  const own = 'code' in error && typeof error.code === 'string' ? [error.code] : []
  const parts = error instanceof AggregateError ? error.errors.flatMap(codesOf) : []
  return [...own, ...parts, ...codesOf(error.cause)]
}
