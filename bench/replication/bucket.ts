import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import type { ObjectStore } from '../../pipeline/bronze/object-store.js'
import { gcsClient, openGcs } from '../../pipeline/bronze/stores/gcs/open.js'
import { gcsOptions } from '../../pipeline/bronze/stores/gcs/options.js'
import { s3Client } from '../../pipeline/bronze/stores/s3/client.js'
import { openS3 } from '../../pipeline/bronze/stores/s3/open.js'
import { s3Options } from '../../pipeline/bronze/stores/s3/options.js'

/** A bucket, as Goldgate's store and as one uploads to it by hand. */
export interface BenchBucket {
  readonly store: ObjectStore
  /** The SDK's plain upload of a file, as its own documentation shows it. */
  upload(path: string): Promise<void>
}

export type Cloud = 's3' | 'gcs'

export function openBucket(cloud: Cloud, endpoint: string, bucket: string): BenchBucket {
  return cloud === 's3' ? s3Bucket(endpoint, bucket) : gcsBucket(endpoint, bucket)
}

function s3Bucket(endpoint: string, bucket: string): BenchBucket {
  const options = s3Options.parse({ endpoint, bucket })
  const client = s3Client(options, { requestMs: 120_000, connectMs: 10_000 })
  return {
    store: openS3('s3', options),
    upload: async (path) => {
      const { size } = await stat(path)
      const body = { Body: createReadStream(path), ContentLength: size }
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: `by hand/${basename(path)}`, ...body }))
    },
  }
}

function gcsBucket(apiEndpoint: string, bucket: string): BenchBucket {
  const options = gcsOptions.parse({ apiEndpoint, bucket, anonymous: true })
  const client = gcsClient(options, 120_000, 3)
  return {
    store: openGcs('gcs', options),
    upload: async (path) => {
      await client.bucket(bucket).upload(path, { destination: `by hand/${basename(path)}` })
    },
  }
}
