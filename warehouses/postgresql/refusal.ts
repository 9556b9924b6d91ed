const tlsCodes =
  /^(SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_(GET_ISSUER_CERT|GET_ISSUER_CERT_LOCALLY|VERIFY_LEAF_SIGNATURE)|CERT_|ERR_TLS_)/

/** The server could not be verified, or speaks no TLS: there is no connection. */
export function isTlsFailure(error: Error): boolean {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  return tlsCodes.test(code) || /server does not support SSL/.test(error.message)
}

/** What to do about a connection that PostgreSQL, or the way to it, refused. One sentence or two, without a password. */
export function refusalOf(error: unknown): string {
  const inner = error instanceof AggregateError && error.errors.length > 0 ? error.errors[0] : error
  const code = inner instanceof Error && 'code' in inner && typeof inner.code === 'string' ? inner.code : ''
  const message = inner instanceof Error ? inner.message || code : String(inner)
  return `${message}. ${advice(code, message)}`.replace(/\.\. /, '. ')
}

function advice(code: string, message: string): string {
  if (code === '28P01' || code === '28000')
    return 'Check user and password in the url, and that pg_hba.conf lets this machine in.'
  if (code === '3D000')
    return 'Create the database ("goldgate setup" does where the user may), or correct its name in the url.'
  if (code === '42501') return 'Grant the user CONNECT on the database.'
  if (code === '57P03') return 'It starts or stops just now: try again in a moment.'
  if (code === '53300') return 'Lower poolSize, or raise max_connections of the server.'
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'Correct the host in the url.'
  if (code === 'ECONNREFUSED') return 'See that the server runs and that host and port in the url are right.'
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return 'Use a host name in the url that the certificate is made out to.'
  if (tlsCodes.test(code) || /certificate/.test(message))
    return 'Name the file of the certificate authority under tls.ca (for RDS: its global bundle).'
  if (/does not support SSL/.test(message))
    return 'Switch TLS on in the server, or set tls.enabled to false if the network is trusted.'
  if (/no pg_hba.conf entry/.test(message)) return 'Let this machine in, or encrypt the connection with tls.'
  if (/timeout/i.test(message)) return 'Check the address, firewalls and security groups between here and the server.'
  return 'Check the url.'
}
