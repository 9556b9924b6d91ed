import { z } from 'zod'
import { serverLocation } from '../../../../warehouses/contract/location.js'
import { bucketOption, prefixOption } from '../cloud/bucket-options.js'

/** Without GLACIER and DEEP_ARCHIVE: their objects must be restored for hours before they can be read. */
const storageClasses = [
  'STANDARD',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER_IR',
  'REDUCED_REDUNDANCY',
] as const

export const s3Options = z
  .strictObject({
    bucket: bucketOption,
    prefix: prefixOption,
    region: z
      .string()
      .min(1)
      .optional()
      .describe('Region of the bucket; default: AWS_REGION or ~/.aws/config, and us-east-1 with an endpoint.'),
    endpoint: z
      .url({ protocol: /^https?$/, error: 'must be a URL such as https://minio.example.com:9000' })
      .refine((url) => !url.includes('@'), 'must not hold credentials: they come from the environment or ~/.aws')
      .optional()
      .describe('URL of an S3-compatible server; default: AWS.'),
    forcePathStyle: z
      .boolean()
      .optional()
      .describe('https://host/bucket instead of https://bucket.host; default: true with an endpoint.'),
    storageClass: z
      .enum(storageClasses)
      .optional()
      .describe("Storage class of new objects; default: the bucket's own."),
    encryption: z
      .enum(['AES256', 'aws:kms'])
      .optional()
      .describe("Server-side encryption of new objects; default: the bucket's own."),
    kmsKeyId: z.string().min(1).optional().describe('Id or ARN of the KMS key, with encryption: aws:kms.'),
  })
  .refine((options) => options.kmsKeyId === undefined || options.encryption === 'aws:kms', {
    path: ['kmsKeyId'],
    message: 'needs encryption: aws:kms',
  })

export type S3Options = z.infer<typeof s3Options>

/** Names of buckets are unique in all of AWS, whichever of its endpoints is named. */
export function s3Location({ bucket, prefix, endpoint }: S3Options): string {
  const { hostname, port } = new URL(endpoint ?? 'https://s3.amazonaws.com')
  const host = /\.amazonaws\.com(\.cn)?$/.test(hostname) ? 'amazonaws.com' : hostname
  return serverLocation('s3', host, port, [bucket, prefix])
}
