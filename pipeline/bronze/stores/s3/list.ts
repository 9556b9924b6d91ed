import { ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3'
import type { BucketObject } from '../cloud/bucket.js'

/** Page by page, 1,000 a page. Keys come URL-encoded, since XML cannot hold every character that a key can. */
export async function* listObjects(client: S3Client, Bucket: string, Prefix: string): AsyncGenerator<BucketObject> {
  let ContinuationToken: string | undefined
  do {
    const page = await client.send(new ListObjectsV2Command({ Bucket, Prefix, ContinuationToken, EncodingType: 'url' }))
    const decode = page.EncodingType === 'url' ? decoded : (key: string) => key
    for (const { Key, Size } of page.Contents ?? []) {
      if (Key !== undefined) yield { name: decode(Key), bytes: Size ?? 0 }
    }
    ContinuationToken = page.IsTruncated ? page.NextContinuationToken : undefined
  } while (ContinuationToken !== undefined)
}

/** As in a form: a plus stands for a space. */
export function decoded(key: string): string {
  return decodeURIComponent(key.replaceAll('+', ' '))
}
