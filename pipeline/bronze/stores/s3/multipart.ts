import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { StoreError } from '../../object-store.js'
import { createdUnless } from './created.js'

const megabyte = 1024 * 1024
const mostParts = 10_000
const partsAtOnce = 2

/**
 * Parts grow with their number, so that 10,000 of them (S3 allows no more) hold 515 GB while one object costs little memory.
 * The first 2,000 are of one size, which some S3-compatible servers ask for.
 */
export function partBytes(number: number): number {
  return (number < 2_000 ? 8 : 64) * megabyte
}

export interface MultipartUpload {
  readonly client: S3Client
  readonly target: CreateMultipartUploadCommandInput
  /** How long a request with so many bytes may take. */
  readonly timeoutMs: (bytes: number) => number
}

/** The object comes to be when all parts are there, and only then; a failed upload is removed. False when the key is taken. */
export async function uploadInParts(upload: MultipartUpload, parts: AsyncIterable<Buffer>): Promise<boolean> {
  const { client, target } = upload
  const where = { Bucket: target.Bucket, Key: target.Key }
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(target))
  try {
    const Parts = await sendParts(upload, UploadId, parts)
    const complete = new CompleteMultipartUploadCommand({
      ...where,
      UploadId,
      MultipartUpload: { Parts },
      IfNoneMatch: '*',
    })
    const created = await createdUnless(() => client.send(complete, { requestTimeout: completionMs }))
    if (!created) await abort(client, { ...where, UploadId })
    return created
  } catch (error) {
    await abort(client, { ...where, UploadId })
    throw error
  }
}

/** Putting thousands of parts together takes the server minutes. */
const completionMs = 600_000

async function sendParts(upload: MultipartUpload, UploadId: string | undefined, parts: AsyncIterable<Buffer>) {
  const { client, target, timeoutMs } = upload
  const completed: CompletedPart[] = []
  const underway = new Set<Promise<void>>()
  const failures: unknown[] = []
  let PartNumber = 0
  const send = async (part: Buffer, number: number) => {
    const command = new UploadPartCommand({
      Bucket: target.Bucket,
      Key: target.Key,
      UploadId,
      PartNumber: number,
      Body: part,
    })
    const { ETag } = await client.send(command, { requestTimeout: timeoutMs(part.length) })
    completed[number - 1] = { ETag, PartNumber: number }
  }
  try {
    for await (const part of parts) {
      if (++PartNumber > mostParts) throw tooLarge(target)
      const sending = send(part, PartNumber)
        .catch((error: unknown) => failures.push(error))
        .then(() => void underway.delete(sending))
      underway.add(sending)
      if (underway.size >= partsAtOnce) await Promise.race(underway)
      if (failures.length > 0) break
    }
  } finally {
    // A part that arrives after the upload was aborted would stay, unseen and paid for.
    await Promise.all(underway)
  }
  if (failures.length > 0) throw failures[0]
  return completed
}

function tooLarge({ Key }: CreateMultipartUploadCommandInput): StoreError {
  return new StoreError('STORE_ERROR', '', `${Key} is larger than 515 GB. Deliver it as several files`)
}

/** What cannot be aborted now is found by the sweep, or by the bucket's own lifecycle rule. */
async function abort(client: S3Client, upload: { Bucket?: string; Key?: string; UploadId?: string }): Promise<void> {
  await client
    .send(
      new AbortMultipartUploadCommand({ ...upload, Bucket: upload.Bucket, Key: upload.Key, UploadId: upload.UploadId }),
    )
    .catch(() => {})
}
