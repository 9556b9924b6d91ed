import { Storage } from '@google-cloud/storage'
import { probeMs } from '../cloud/reachability.js'
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
  const client = gcsClient(options, requestMs, retries)
  const bucket = new GcsBucket(name, client, options)
  const quick = gcsClient(options, Math.min(requestMs, probeMs), 0)
  const once = new GcsBucket(name, quick, options)
  const { prefix } = options
  // Google removes unfinished uploads by itself after a week, and nobody can see or pays for them.
  return new CloudStore(name, 'gcs', bucket, { prefix, stallMs, abandonedAfterMs: 0, probe: () => once.exists() })
}

/** Credentials come from the client's own chain: GOOGLE_APPLICATION_CREDENTIALS, gcloud, the service account of a machine. */
export function gcsClient(options: GcsOptions, requestMs: number, maxRetries: number): Storage {
  const { apiEndpoint, anonymous, project } = options
  const client = new Storage({
    apiEndpoint,
    useAuthWithCustomEndpoint: !anonymous,
    projectId: project ?? (anonymous ? 'goldgate' : undefined),
    // The number of retries is the limit. When the total time (in seconds) is up, the client of version 7.22 never answers at all, and for a large upload it
    // counts from the first chunk.
    retryOptions: { autoRetry: maxRetries > 0, maxRetries, retryDelayMultiplier: 1.6, totalTimeout: 24 * 3_600 },
  })
  // The parts of a large object would otherwise wait for ever.
  client.interceptors.push({ request: (request: { uri: string }) => Object.assign(request, { timeout: requestMs }) })
  return client
}
