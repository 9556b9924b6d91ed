import { z } from 'zod'
import type { BucketObject } from '../cloud/bucket.js'

/** What is needed of an object's metadata; `size` is text in the API. Custom metadata of objects that others put may be anything. */
export const objectMetadata = z
  .object({
    name: z.string(),
    size: z.coerce.number(),
    metadata: z.record(z.string(), z.unknown()).nullish(),
  })
  .transform(({ name, size, metadata }): BucketObject => {
    const sha256 = textOf(metadata?.sha256)
    const put = textOf(metadata?.['goldgate-put'])
    return { name, bytes: size, ...(sha256 && { sha256 }), ...(put && { put }) }
  })

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
