import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Bucket, File, Storage } from '@google-cloud/storage'
import type { BucketObject, ByteRange, CloudBucket, ObjectNote } from '../cloud/bucket.js'
import { GcsErrors, statusOf } from './errors.js'
import { objectMetadata } from './metadata.js'
import { gcsNeeds } from './needs.js'
import type { GcsOptions } from './options.js'

/** A multiple of 256 kB, as Google asks, and large enough that the round trip after each does not count; several uploads hold one each. */
const chunkSize = 8 * 1024 * 1024

const mustBeNew = { ifGenerationMatch: 0 }

export class GcsBucket implements CloudBucket {
  readonly uri: string
  readonly description: string
  readonly needs
  private readonly bucket: Bucket
  private readonly errors: GcsErrors

  constructor(
    store: string,
    private readonly client: Storage,
    private readonly options: GcsOptions,
  ) {
    const { bucket, apiEndpoint } = options
    this.bucket = client.bucket(bucket)
    this.uri = `gs://${bucket}`
    this.description = `the bucket ${bucket} of Google Cloud Storage${apiEndpoint ? ` at ${apiEndpoint}` : ''}`
    this.needs = gcsNeeds(options)
    this.errors = new GcsErrors(store, options)
  }

  /** The client puts its chunks together by itself, and each of the streams it is made of holds a part: only the first is large. */
  partBytes(number: number): number {
    return number === 0 ? chunkSize : 256 * 1024
  }

  async create(name: string, content: Buffer, note: ObjectNote): Promise<boolean> {
    // The server compares the MD5 before the object comes to be.
    const md5Hash = createHash('md5').update(content).digest('base64')
    const metadata = { ...this.metadata(note), md5Hash }
    const options = { resumable: false, validation: false, metadata, preconditionOpts: mustBeNew }
    try {
      return await createdUnless(() => this.file(name).save(content, options))
    } catch (error) {
      // The client hides a failure to sign in behind this one. A look-up meets the same failure, and tells it.
      if (error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_DESTROYED') await this.find(name)
      throw error
    }
  }

  async createFromParts(name: string, parts: AsyncIterable<Buffer>, note: ObjectNote): Promise<boolean> {
    // The client holds back a chunk until it knows whether it is the last. So when `parts` throws at their end, the upload is never finished.
    const upload = this.file(name).createWriteStream({
      resumable: true,
      chunkSize,
      validation: 'md5',
      metadata: this.metadata(note),
      preconditionOpts: mustBeNew,
    })
    // The client may fail once more when the pipeline is over and listens no longer: an error that nobody hears ends the process.
    upload.on('error', () => undefined)
    try {
      return await createdUnless(() => pipeline(Readable.from(parts, { objectMode: false }), upload))
    } catch (error) {
      // What the client throws when only the answer to the last chunk was lost.
      if (error instanceof RangeError && (await this.find(name))?.put === note.put) return true
      throw error
    }
  }

  async read(name: string, range?: ByteRange): Promise<Readable | undefined> {
    const body = this.file(name).createReadStream({
      validation: false,
      decompress: false,
      ...(range && { start: range.first, end: range.last }),
    })
    try {
      await answered(body)
      return body
    } catch (error) {
      const status = statusOf(error)
      if (status === 416) return Readable.from([])
      if (status === 404) return undefined
      throw error
    }
  }

  async find(name: string): Promise<BucketObject | undefined> {
    try {
      const [metadata] = await this.file(name).getMetadata()
      return objectMetadata.parse({ ...metadata, name })
    } catch (error) {
      if (statusOf(error) === 404) return undefined
      throw error
    }
  }

  async *list(prefix: string): AsyncGenerator<BucketObject> {
    const fields = 'items(name,size,metadata),nextPageToken'
    let pageToken: string | undefined
    do {
      const [files, next] = await this.bucket.getFiles({ prefix, pageToken, fields, autoPaginate: false })
      // With `fields`, the client hands on the items of the answer as they are.
      for (const item of files) yield objectMetadata.parse(item)
      pageToken = next ? nextPage(next) : undefined
    } while (pageToken !== undefined)
  }

  async remove(name: string): Promise<void> {
    await this.file(name).delete({ ignoreNotFound: true })
  }

  async exists(): Promise<boolean> {
    try {
      // Not the bucket's metadata: that would need a permission that nothing else needs.
      await this.bucket.getFiles({ prefix: this.options.prefix, maxResults: 1, autoPaginate: false })
      return true
    } catch (error) {
      if (statusOf(error) === 404) return false
      throw error
    }
  }

  async make(): Promise<void> {
    try {
      await this.client.createBucket(this.bucket.name, {
        ...(this.options.location && { location: this.options.location }),
        iamConfiguration: { uniformBucketLevelAccess: { enabled: true }, publicAccessPrevention: 'enforced' },
      })
    } catch (error) {
      // Taken by a stranger, or by another setup at this moment: that one's bucket lets us in.
      if (statusOf(error) !== 409 || !(await this.exists().catch(() => false))) throw error
    }
  }

  explain(what: string, error: unknown) {
    return this.errors.explain(what, error)
  }

  private file(name: string): File {
    const { kmsKeyName } = this.options
    return this.bucket.file(name, kmsKeyName === undefined ? {} : { kmsKeyName })
  }

  private metadata({ sha256, put }: ObjectNote) {
    const { storageClass } = this.options
    return {
      contentType: 'application/octet-stream',
      metadata: { sha256, 'goldgate-put': put },
      ...(storageClass && { storageClass }),
    }
  }
}

async function createdUnless(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await write()
    return true
  } catch (error) {
    if (statusOf(error) === 412) return false
    throw error
  }
}

/** The client sends the request when it is first read from, and reports a refusal as an error of the stream. */
function answered(body: Readable): Promise<void> {
  return new Promise((resolve, reject) => {
    body.once('error', reject)
    body.once('response', ({ statusCode }: { statusCode: number }) => {
      if (statusCode < 300) resolve()
    })
    body.read(0)
  })
}

function nextPage(query: object): string | undefined {
  return 'pageToken' in query && typeof query.pageToken === 'string' ? query.pageToken : undefined
}
