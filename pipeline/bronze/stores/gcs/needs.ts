import type { Needs } from '../try-out.js'
import type { GcsOptions } from './options.js'

/** The permissions of docs/gcp.md, for the operation that lacks one. */
export function gcsNeeds({ bucket, kmsKeyName }: GcsOptions): Needs {
  const grant = (permission: string) =>
    `grant ${permission} on gs://${bucket}, which the role roles/storage.objectUser holds`
  const key =
    kmsKeyName === undefined
      ? ''
      : `; the bucket's service agent needs roles/cloudkms.cryptoKeyEncrypterDecrypter on ${kmsKeyName}`
  return {
    put: `${grant('storage.objects.create')}${key}`,
    head: grant('storage.objects.get'),
    get: `${grant('storage.objects.get')}${key}`,
    list: grant('storage.objects.list'),
    delete: grant('storage.objects.delete'),
  }
}
