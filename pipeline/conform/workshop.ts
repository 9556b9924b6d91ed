import type { Mapping } from '../sources/mapping.js'
import type { CleanFiles } from './clean-files.js'
import type { Engine } from './engine.js'
import type { ReadObject } from './read-objects.js'

/** What the entities of one request share. */
export interface Workshop {
  readonly mapping: Mapping
  readonly engine: Engine
  readonly files: CleanFiles
  readonly workDirectory: string
  /** Objects of the request by their keys, in its order, once they are read. Throws what reading them or one in front of them threw. */
  readonly read: (keys: readonly string[]) => Promise<readonly ReadObject[]>
  /** What the readers rejected, in `conform.rejects`, once everything is read. */
  readonly loadRejects: () => Promise<void>
}
