import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import type pg from 'pg'
import { z } from 'zod'

export const postgresTls = z
  .strictObject({
    enabled: z.boolean().default(true).describe('False = as the url says: for a server without TLS.'),
    ca: z
      .string()
      .min(1)
      .optional()
      .describe('Path of the certificate authority’s file (PEM). Default: those that Node knows.'),
    rejectUnauthorized: z.boolean().default(true).describe('False accepts any certificate.'),
  })
  .describe('Encrypts the connection and verifies the server. Absent = as the url says.')

export type PostgresTls = z.infer<typeof postgresTls>

const settingsInUrl = [
  'ssl',
  'sslmode',
  'sslrootcert',
  'sslcert',
  'sslkey',
  'sslnegotiation',
  'uselibpqcompat',
] as const

/**
 * Why `url` and `tls` cannot both be meant: undefined when they can. The driver lets the URL win, so that `sslmode=disable` there would
 * silently undo what the file asks for.
 */
export function tlsConflict(url: string, tls: PostgresTls | undefined): string | undefined {
  if (tls?.enabled !== true || !URL.canParse(url)) return undefined
  const given = new URL(url).searchParams
  const mode = given.get('sslmode') ?? given.get('ssl') ?? undefined
  const said = given.has('sslmode') ? `sslmode=${mode}` : `ssl=${mode}`
  if (mode === 'disable' || mode === '0' || mode === 'false')
    return `asks for TLS, but the url says ${said}: take that out of the url, or set "enabled: false" here`
  if (!tls.rejectUnauthorized) return undefined
  if (mode === 'no-verify')
    return `verifies the server, but the url says ${said}: take that out of the url, or set "rejectUnauthorized: false" here`
  if (given.has('uselibpqcompat'))
    return 'verifies the server, but "uselibpqcompat" in the url may switch that off: take it out of the url'
  return undefined
}

/**
 * A URL with TLS settings as a driver's configuration. Settings in the file go before those in the URL. In the URL `require`, `prefer`, `verify-ca` and
 * `verify-full` all mean what the last one says: certificate and host name are verified (libpq would accept anybody for the first two); `no-verify` encrypts only.
 * Throws what `tlsConflict` says, and Node's error where a file cannot be read.
 */
export async function postgresClientConfig(
  url: string,
  tls: PostgresTls | undefined,
): Promise<Pick<pg.ClientConfig, 'connectionString' | 'ssl'>> {
  const conflict = tlsConflict(url, tls)
  if (conflict !== undefined) throw new Error(`tls ${conflict}.`)
  if (!URL.canParse(url)) return { connectionString: url }
  const parsed = new URL(url)
  const given = parsed.searchParams
  // What it means there is libpq's affair; without `tls` in the file nothing contradicts it.
  if (given.get('uselibpqcompat') === 'true' && !tls?.enabled) return { connectionString: url }
  const mode = given.get('sslmode') ?? given.get('ssl')
  const authority = tls?.enabled ? (tls.ca ?? given.get('sslrootcert')) : given.get('sslrootcert')
  const encrypted = tls?.enabled || mode !== null || authority !== null
  if (!encrypted) return { connectionString: url }
  const [certificate, key] = [given.get('sslcert'), given.get('sslkey')]
  for (const name of settingsInUrl) given.delete(name)
  const connectionString = parsed.href
  if (!tls?.enabled && ['disable', '0', 'false'].includes(mode ?? '')) return { connectionString, ssl: false }
  const host = parsed.hostname.replace(/^\[(.+)\]$/, '$1')
  return {
    connectionString,
    ssl: {
      rejectUnauthorized: tls?.enabled ? tls.rejectUnauthorized : mode !== 'no-verify',
      // The driver names the host to TLS only when it is a name; an address would be compared with "localhost".
      ...(isIP(host) === 0 ? {} : { host }),
      ...(authority ? { ca: await readFile(authority, 'utf8') } : {}),
      ...(certificate ? { cert: await readFile(certificate, 'utf8') } : {}),
      ...(key ? { key: await readFile(key, 'utf8') } : {}),
    },
  }
}
