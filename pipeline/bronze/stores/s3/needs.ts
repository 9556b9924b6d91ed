import type { Needs } from '../try-out.js'
import type { S3Options } from './options.js'

/** The permissions of docs/aws.md, for the operation that lacks one. */
export function s3Needs({ bucket, prefix, kmsKeyId }: S3Options): Needs {
  const objects = `on arn:aws:s3:::${bucket}/${prefix === '' ? '' : `${prefix}/`}*`
  const key = kmsKeyId === undefined ? '' : `, with kms:GenerateDataKey and kms:Decrypt on the key ${kmsKeyId}`
  return {
    put: `grant s3:PutObject and s3:AbortMultipartUpload ${objects}${key}`,
    head: `grant s3:GetObject ${objects} and s3:ListBucket on arn:aws:s3:::${bucket}`,
    get: `grant s3:GetObject ${objects}${key}`,
    list: `grant s3:ListBucket on arn:aws:s3:::${bucket}`,
    delete: `grant s3:DeleteObject ${objects}`,
  }
}
