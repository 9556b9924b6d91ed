import { probeMs } from '../cloud/reachability.js'
import { CloudStore } from '../cloud/store.js'
import { S3Bucket } from './bucket.js'
import { s3Client } from './client.js'
import type { S3Options } from './options.js'

export interface S3Limits {
  /** For a request and its answer, besides the time that its body takes. */
  readonly requestMs: number
  readonly connectMs: number
  readonly stallMs: number
  readonly abandonedAfterMs: number
}

const usualLimits: S3Limits = {
  requestMs: 30_000,
  connectMs: 5_000,
  stallMs: 30_000,
  abandonedAfterMs: 24 * 3_600_000,
}

export function openS3(name: string, options: S3Options, limits: Partial<S3Limits> = {}): CloudStore {
  const { requestMs, connectMs, stallMs, abandonedAfterMs } = { ...usualLimits, ...limits }
  const client = s3Client(options, { requestMs, connectMs })
  const bucket = new S3Bucket(name, client, options, requestMs)
  const quick = { requestMs: Math.min(requestMs, probeMs), connectMs: Math.min(connectMs, probeMs), attempts: 1 }
  const once = new S3Bucket(name, s3Client(options, quick, client.config.credentials), options, quick.requestMs)
  const { prefix } = options
  return new CloudStore(name, 's3', bucket, { prefix, stallMs, abandonedAfterMs, probe: () => once.exists() })
}
