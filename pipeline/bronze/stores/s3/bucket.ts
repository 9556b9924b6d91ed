import { Readable } from 'node:stream'
import {
  type BucketLocationConstraint,
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import type { ByteRange, CloudBucket, ObjectNote } from '../cloud/bucket.js'
import { createdUnless, statusOf } from './created.js'
import { S3Errors } from './errors.js'
import { listObjects } from './list.js'
import { partBytes, uploadInParts } from './multipart.js'
import { s3Needs } from './needs.js'
import type { S3Options } from './options.js'
import { endUploadsBefore } from './unfinished.js'

/** Slower than this is taken for a server that hangs. */
const slowestBytesPerMs = 128

export class S3Bucket implements CloudBucket {
  readonly uri: string
  readonly description: string
  readonly needs
  readonly partBytes = partBytes
  private readonly Bucket: string
  private readonly errors: S3Errors

  constructor(
    store: string,
    private readonly client: S3Client,
    private readonly options: S3Options,
    private readonly requestMs: number,
  ) {
    const { bucket, endpoint, region } = options
    this.Bucket = bucket
    this.uri = `s3://${bucket}`
    this.description = `the bucket ${bucket}${endpoint ? ` at ${endpoint}` : region ? ` in ${region}` : ''}`
    this.needs = s3Needs(options)
    this.errors = new S3Errors(store, options)
  }

  create(name: string, content: Buffer, note: ObjectNote): Promise<boolean> {
    const command = new PutObjectCommand({
      ...this.target(name, note),
      Body: content,
      ChecksumSHA256: Buffer.from(note.sha256, 'hex').toString('base64'),
      IfNoneMatch: '*',
    })
    return createdUnless(() => this.client.send(command, { requestTimeout: this.timeoutMs(content.length) }))
  }

  createFromParts(name: string, parts: AsyncIterable<Buffer>, note: ObjectNote): Promise<boolean> {
    const { client } = this
    const timeoutMs = (bytes: number) => this.timeoutMs(bytes)
    return uploadInParts({ client, target: this.target(name, note), timeoutMs }, parts)
  }

  async read(name: string, range?: ByteRange): Promise<Readable | undefined> {
    const Range = range && `bytes=${range.first}-${range.last}`
    try {
      const { Body } = await this.client.send(new GetObjectCommand({ ...this.at(name), Range }))
      if (!(Body instanceof Readable)) throw new TypeError('an answer of S3 has no stream')
      return Body
    } catch (error) {
      if (statusOf(error) === 416) return Readable.from([])
      if (this.errors.isNoSuchKey(error)) return undefined
      throw error
    }
  }

  async find(name: string) {
    try {
      const found = await this.client.send(new HeadObjectCommand(this.at(name)))
      const { sha256, 'goldgate-put': put } = found.Metadata ?? {}
      return { name, bytes: found.ContentLength ?? 0, ...(sha256 && { sha256 }), ...(put && { put }) }
    } catch (error) {
      if (statusOf(error) === 404) return undefined
      if (await this.isUnreadable(name)) throw error
      return undefined
    }
  }

  list(prefix: string) {
    return listObjects(this.client, this.Bucket, prefix)
  }

  async remove(name: string): Promise<void> {
    await this.client.send(new DeleteObjectCommand(this.at(name))).catch((error: unknown) => {
      if (!this.errors.isNoSuchKey(error)) throw error
    })
  }

  endUploadsBefore(prefix: string, time: Date): Promise<number> {
    return endUploadsBefore(this.client, this.Bucket, prefix, time)
  }

  async exists(): Promise<boolean> {
    try {
      await this.client.send(new ListObjectsV2Command({ Bucket: this.Bucket, Prefix: this.options.prefix, MaxKeys: 1 }))
      return true
    } catch (error) {
      if (error instanceof Error && error.name === 'NoSuchBucket') return false
      throw error
    }
  }

  async make(): Promise<void> {
    const region = await this.client.config.region()
    // us-east-1 is the one region that must not be named; the SDK's list of the others is older than AWS's.
    const elsewhere = this.options.endpoint === undefined && region !== 'us-east-1'
    const command = new CreateBucketCommand({
      Bucket: this.Bucket,
      ...(elsewhere && { CreateBucketConfiguration: { LocationConstraint: region as BucketLocationConstraint } }),
    })
    await this.client.send(command).catch((error: unknown) => {
      if (!(error instanceof Error) || error.name !== 'BucketAlreadyOwnedByYou') throw error
    })
  }

  explain(what: string, error: unknown) {
    return this.errors.explain(what, error)
  }

  /** The answer to a HEAD has no text: the same question as a GET says what is wrong, and throws it. */
  private async isUnreadable(name: string): Promise<boolean> {
    const body = await this.read(name, { first: 0, last: 0 })
    body?.destroy()
    return body !== undefined
  }

  private at(Key: string) {
    return { Bucket: this.Bucket, Key }
  }

  private target(name: string, { sha256, put }: ObjectNote) {
    const { storageClass, encryption, kmsKeyId } = this.options
    return {
      ...this.at(name),
      ContentType: 'application/octet-stream',
      Metadata: { sha256, 'goldgate-put': put },
      StorageClass: storageClass,
      ServerSideEncryption: encryption,
      SSEKMSKeyId: kmsKeyId,
    }
  }

  private timeoutMs(bytes: number): number {
    return this.requestMs + bytes / slowestBytesPerMs
  }
}
