import {
  AbortMultipartUploadCommand,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3'
import { decoded } from './list.js'

/** Aborts multipart uploads below a prefix that began before `time`: their parts are stored and paid for, but nobody sees them. */
export async function endUploadsBefore(client: S3Client, Bucket: string, Prefix: string, time: Date): Promise<number> {
  let ended = 0
  let next: { KeyMarker?: string; UploadIdMarker?: string } | undefined = {}
  while (next) {
    const page: ListMultipartUploadsCommandOutput = await client.send(
      new ListMultipartUploadsCommand({ Bucket, Prefix, EncodingType: 'url', ...next }),
    )
    const decode = page.EncodingType === 'url' ? decoded : (key: string) => key
    for (const { Key, UploadId, Initiated } of page.Uploads ?? []) {
      if (Key === undefined || !Initiated || Initiated >= time) continue
      await client.send(new AbortMultipartUploadCommand({ Bucket, Key: decode(Key), UploadId }))
      ended++
    }
    next = page.IsTruncated
      ? { KeyMarker: decode(page.NextKeyMarker ?? ''), UploadIdMarker: page.NextUploadIdMarker }
      : undefined
  }
  return ended
}
