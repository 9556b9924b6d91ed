import { GcsTestBucket, withoutGcs } from './gcs-bucket.js'
import { S3TestBucket, withoutS3 } from './s3-bucket.js'
import type { TestBucket } from './test-bucket.js'

interface Cloud {
  readonly cloud: string
  readonly isMissing: boolean
  readonly newBucket: () => TestBucket
}

/** What each test of a cloud runs on. */
export const clouds: readonly Cloud[] = [
  { cloud: 'S3', isMissing: withoutS3, newBucket: () => new S3TestBucket() },
  { cloud: 'GCS', isMissing: withoutGcs, newBucket: () => new GcsTestBucket() },
]
