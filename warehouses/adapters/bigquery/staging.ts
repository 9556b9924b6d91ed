import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import type { Batch } from '../../contract/batch.js'
import type { Jobs } from './jobs.js'
import type { BigqueryOptions } from './options.js'

interface Staged {
  readonly uri: string
  /** Best effort; a batch that an object store holds stays. */
  remove(): Promise<void>
}

/** Where BigQuery finds the batch's file: an object store that holds it, else a copy in `staging`. Undefined = it is uploaded with the job. */
export async function stage(
  jobs: Jobs,
  options: BigqueryOptions,
  batch: Batch,
  landing: string,
): Promise<Staged | undefined> {
  const held = batch.uris.find((uri) => uri.startsWith('gs://'))
  if (held !== undefined) return { uri: held, remove: async () => undefined }
  const [, bucket, prefix = ''] = /^gs:\/\/([^/]+)\/?(.*)$/.exec(options.staging ?? '') ?? []
  if (bucket === undefined) return undefined
  const { Storage } = await import('@google-cloud/storage')
  const storage = new Storage({
    projectId: options.project,
    ...(options.stagingApiEndpoint === undefined ? {} : { apiEndpoint: options.stagingApiEndpoint }),
  })
  const key = [prefix.replace(/\/+$/, ''), `${landing}.parquet`].filter((part) => part !== '').join('/')
  const file = storage.bucket(bucket).file(key)
  await jobs.request(() => pipeline(createReadStream(batch.parquetPath), file.createWriteStream({ resumable: false })))
  return {
    uri: `gs://${bucket}/${key}`,
    remove: () =>
      file.delete({ ignoreNotFound: true }).then(
        () => undefined,
        () => undefined,
      ),
  }
}
