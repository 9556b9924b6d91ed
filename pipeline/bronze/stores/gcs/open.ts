import { Storage } from '@google-cloud/storage'
import { CloudStore } from '../cloud/store.js'
import { GcsBucket } from './bucket.js'
import type { GcsOptions } from './options.js'

export interface GcsLimits {
  /** For a request with its answer; of a large object each part is a request. */
  readonly requestMs: number
  readonly stallMs: number
  readonly retries: number
}

const usualLimits: GcsLimits = { requestMs: 120_000, stallMs: 30_000, retries: 3 }

export function openGcs(name: string, options: GcsOptions, limits: Partial<GcsLimits> = {}): CloudStore {
  const { requestMs, stallMs, retries } = { ...usualLimits, ...limits }
  const bucket = new GcsBucket(name, gcsClient(options, requestMs, retries), options)
  // Google removes unfinished uploads by itself after a week, and nobody can see or pays for them.
  return new CloudStore(name, 'gcs', bucket, { prefix: options.prefix, stallMs, abandonedAfterMs: 0 })
}

/** Credentials come from the client's own chain: GOOGLE_APPLICATION_CREDENTIALS, gcloud, the service account of a machine. */
export function gcsClient(options: GcsOptions, requestMs: number, maxRetries: number): Storage {
  const { apiEndpoint, anonymous, project } = options
  const client = new Storage({
    apiEndpoint,
    useAuthWithCustomEndpoint: !anonymous,
    projectId: project ?? (anonymous ? 'goldgate' : undefined),
    // In seconds. The client's own 10 minutes are long for a run that others wait for.
    retryOptions: { maxRetries, maxRetryDelay: 16, totalTimeout: 120 },
  })
  // The parts of a large object would otherwise wait for ever.
  client.interceptors.push({ request: (request: { uri: string }) => Object.assign(request, { timeout: requestMs }) })
  return client
}
