import type { Restore } from '../bronze/copy-or-restore.js'
import { LocalObjects } from '../steps/local-objects.js'
import { RestoreBatches, type RestoreBatchesOptions } from './restore-batches.js'

/** Objects as local files, and batches made again of them: each needs the other. */
export function objectsAtHand(options: Omit<RestoreBatchesOptions, 'pathOf'>): {
  readonly local: LocalObjects
  readonly restore: Restore
} {
  const { stores, workDirectory: directory, durable, emit } = options
  const batches = new RestoreBatches({ ...options, pathOf: (object) => local.path(object) })
  const restore: Restore = (object) => batches.restore(object)
  const local = new LocalObjects({ stores, directory, durable, emit, restore })
  return { local, restore }
}
