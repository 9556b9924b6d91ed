import { StoreError, type StoreErrorCode } from '../../object-store.js'
import { whyUnreachable, whyUntrusted, withoutQueries, withoutRequest } from '../cloud/failures.js'
import type { GcsOptions } from './options.js'

type Explanation = readonly [code: StoreErrorCode, message: string, lacksPermission?: boolean]

const signIn =
  'run "gcloud auth application-default login", name a key file in GOOGLE_APPLICATION_CREDENTIALS, or run where a service account is given'

/** Errors of Google Cloud Storage as those of a store: what happened and what to do. */
export class GcsErrors {
  constructor(
    private readonly store: string,
    private readonly options: GcsOptions,
  ) {}

  explain(what: string, error: unknown): StoreError {
    if (error instanceof StoreError) return error
    const [code, message, lacksPermission] = this.explanation(error)
    return new StoreError(code, this.store, `${what}: ${message}`, { cause: withoutRequest(error), lacksPermission })
  }

  private explanation(error: unknown): Explanation {
    const message = messageOf(error)
    // fake-gcs-server, which keeps objects as files; the name comes first, so that the shortened text ends before the reason.
    if (/file name too long/i.test(message))
      return ['INVALID_KEY', 'a part of the key is too long for this server. Shorten the name of the file']
    const text = textOf(message)
    const known = this.byText(text)
    if (known) return known
    const untrusted = whyUntrusted(error)
    if (untrusted !== undefined) return ['STORE_ERROR', untrusted]
    const status = statusOf(error)
    if (status !== undefined) return this.byStatus(status, text, reasonOf(error))
    const unreachable = whyUnreachable(error)
    if (unreachable !== undefined) return ['STORE_UNAVAILABLE', unreachable]
    return ['STORE_ERROR', text]
  }

  private byText(text: string): Explanation | undefined {
    if (/could not load the default credentials/i.test(text))
      return ['ACCESS_DENIED', `there are no Google credentials: ${signIn}`]
    if (/or it is not a file|incoming JSON object|Unexpected token|in JSON at position/.test(text)) {
      return [
        'ACCESS_DENIED',
        `the file that GOOGLE_APPLICATION_CREDENTIALS names is no key that can be read: ${signIn}`,
      ]
    }
    if (/reasonable timeframe|Invalid JWT: Token must be/i.test(text)) {
      return ['STORE_ERROR', 'the clock of this machine is off. Set it (NTP: timedatectl set-ntp true) and try again']
    }
    if (/invalid_grant|invalid_rapt|invalid_client|unauthorized_client/.test(text)) {
      return ['ACCESS_DENIED', `the Google credentials are expired or withdrawn: ${signIn}`]
    }
    if (/unable to detect a project id/i.test(text))
      return [
        'STORE_ERROR',
        'no project is stated. Add project to the store in goldgate.yaml, or set GOOGLE_CLOUD_PROJECT',
      ]
    if (/MD5 hash|CRC32C|UPLOAD_MISMATCH|integrity/i.test(text))
      return ['CHECKSUM_MISMATCH', 'the server received other bytes than were sent']
    if (/retry limit exceeded|retry total time limit/i.test(text))
      return ['STORE_UNAVAILABLE', `it failed each time: ${text}`]
    return undefined
  }

  private noBucket(): Explanation {
    const { bucket } = this.options
    return [
      'STORE_ERROR',
      `there is no bucket ${bucket}. Correct the name in goldgate.yaml, or run "goldgate setup" to make it`,
    ]
  }

  private byStatus(status: number, text: string, reason: string | undefined): Explanation {
    if (status === 403 && reason !== undefined && /rateLimitExceeded/i.test(reason))
      return ['STORE_UNAVAILABLE', `too many requests: ${text}`]
    if ((status === 401 || status === 403) && this.options.anonymous)
      return [
        'ACCESS_DENIED',
        `the server lets nobody in without credentials: ${text}. Leave "anonymous" out of the store in goldgate.yaml, and ${signIn}`,
      ]
    if (status === 401 || status === 403)
      return ['ACCESS_DENIED', `access is denied: ${text}. docs/gcp.md lists the permissions`, status === 403]
    // Objects that are missing do not come here.
    if (status === 404) return this.noBucket()
    if (status === 409)
      return [
        'STORE_ERROR',
        `the name ${this.options.bucket} is taken: names of buckets are unique in all of Google Cloud. Choose another`,
      ]
    if (status === 429 || status >= 500 || status === 408)
      return ['STORE_UNAVAILABLE', `the server answers ${status}: ${text}, also when asked again`]
    return ['STORE_ERROR', `${status} ${text}`]
  }
}

/** The HTTP status that an error of the client stands for: in several places, some as text, and not always on an `Error`. */
export function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  const { code, status } = error as { code?: unknown; status?: unknown }
  for (const value of [code, status]) {
    const number = typeof value === 'string' && /^\d{3}$/.test(value) ? Number(value) : value
    if (typeof number === 'number' && number >= 100 && number < 600) return number
  }
  return undefined
}

function messageOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error)
  return 'message' in error ? String(error.message) : 'an error without a message'
}

function reasonOf(error: unknown): string | undefined {
  const { errors } = error as { errors?: unknown }
  const first: unknown = Array.isArray(errors) ? errors[0] : undefined
  if (typeof first !== 'object' || first === null || !('reason' in first)) return undefined
  return typeof first.reason === 'string' ? first.reason : undefined
}

/** The message of an answer, which some errors carry whole: as JSON, as XML or as a page. One line, without its full stop. */
function textOf(message: string): string {
  const json = /"message":\s*"((?:[^"\\]|\\.)*)"/.exec(message)?.[1]
  const xml = /<(?:Message|Details)>([^<]*)</.exec(message)?.[1]
  const text = json ?? xml ?? message.replaceAll(/<[^>]*>/g, ' ')
  return withoutQueries(text).replaceAll(/\s+/g, ' ').trim().slice(0, 400).replace(/\.$/, '')
}
