import type { Mapping } from '../sources/mapping.js'
import type { CleanFiles } from './clean-files.js'
import type { Engine } from './engine.js'
import type { ReadObject } from './read-objects.js'

/** What the entities of one request share. */
export interface Workshop {
  readonly mapping: Mapping
  readonly engine: Engine
  readonly files: CleanFiles
  readonly objects: readonly ReadObject[]
  readonly workDirectory: string
}
