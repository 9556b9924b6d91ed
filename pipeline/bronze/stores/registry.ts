import type { ObjectStoreKind } from '../object-store.js'
import { diskKind } from './disk.js'
import { gcsKind } from './gcs/kind.js'
import { s3Kind } from './s3/kind.js'

/** Every kind of object store there is; a new one is an import and an element here. */
export const objectStoreKinds: readonly ObjectStoreKind<unknown>[] = [diskKind, s3Kind, gcsKind]

/** Throws an error that lists the kinds there are. */
export function objectStoreKindOf(kind: string): ObjectStoreKind<unknown> {
  const found = objectStoreKinds.find((candidate) => candidate.kind === kind)
  if (!found) {
    const known = objectStoreKinds.map((candidate) => candidate.kind).join(', ')
    throw new Error(`There is no object store of kind ${kind}. There are: ${known}`)
  }
  return found
}
