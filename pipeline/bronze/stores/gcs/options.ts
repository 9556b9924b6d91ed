import { z } from 'zod'
import { serverLocation } from '../../../../warehouses/contract/location.js'
import { bucketOption, prefixOption } from '../cloud/bucket-options.js'

/** Objects of each class can be read at once; the colder ones cost more for each read. */
const storageClasses = ['STANDARD', 'NEARLINE', 'COLDLINE', 'ARCHIVE'] as const

export const gcsOptions = z
  .strictObject({
    bucket: bucketOption,
    prefix: prefixOption.refine(
      (prefix) => !prefix.includes('*'),
      'must not hold *, by which BigQuery means any object',
    ),
    project: z
      .string()
      .min(1)
      .optional()
      .describe('Project in which "goldgate setup" makes the bucket; default: that of the credentials.'),
    location: z
      .string()
      .min(1)
      .optional()
      .describe('Location in which "goldgate setup" makes the bucket, such as EU or europe-west3; default: US.'),
    apiEndpoint: z
      .url({ protocol: /^https?$/, error: 'must be a URL such as http://127.0.0.1:4443' })
      .refine((url) => !url.includes('@'), 'must not hold credentials')
      .optional()
      .describe('URL of a private endpoint or an emulator; default: Google.'),
    anonymous: z.boolean().optional().describe('Send no credentials; for emulators, with apiEndpoint.'),
    storageClass: z
      .enum(storageClasses)
      .optional()
      .describe("Storage class of new objects; default: the bucket's own."),
    kmsKeyName: z
      .string()
      .regex(/^projects\/[^/]+\/locations\/[^/]+\/keyRings\/[^/]+\/cryptoKeys\/[^/]+$/, {
        error: 'must be projects/…/locations/…/keyRings/…/cryptoKeys/…',
      })
      .optional()
      .describe("Cloud KMS key of new objects; default: the bucket's own."),
  })
  .refine((options) => !options.anonymous || options.apiEndpoint !== undefined, {
    path: ['anonymous'],
    message: 'needs apiEndpoint: Google answers nobody without credentials',
  })

export type GcsOptions = z.infer<typeof gcsOptions>

/** Names of buckets are unique in all of Google, whichever of its endpoints is named. */
export function gcsLocation({ bucket, prefix, apiEndpoint }: GcsOptions): string {
  const { hostname, port } = new URL(apiEndpoint ?? 'https://storage.googleapis.com')
  const host = /\.googleapis\.com$/.test(hostname) ? 'googleapis.com' : hostname
  return serverLocation('gs', host, port, [bucket, prefix])
}
