import type { Filter } from '../../warehouses/compiler/query.js'
import type { PublishedBuild } from '../../warehouses/contract/builds.js'
import type { Limits } from '../limits/limits.js'

/**
 * What one caller may read, made once per request. What a role may not see at all (models, columns) is not in the schema it is asked by; what is left
 * for each request are the rows and the limits.
 */
export interface Access {
  /** Name of the role. */
  readonly role: string
  /** Callers with equal keys get equal answers: it tells the role, the version of the rules and every claim that a rule reads. Part of the key of every cache. */
  readonly key: string
  readonly limits: Limits
  /** Every row and column of every model may be read, and what is told of all of them together. */
  readonly whole: boolean
  /** The sources that he may know of; undefined: all of them. */
  readonly sources?: readonly string[]
  /** The rows of a model that may be read; undefined: all of them. */
  rows(model: string): Filter | undefined
}

/** Everything, within the limits of the gateway. */
export const unrestricted = (limits: Limits): Access => ({
  role: 'unrestricted',
  key: 'unrestricted',
  limits,
  whole: true,
  rows: () => undefined,
})

/** What a caller may know of a build: how far the sources go that he knows of. */
export function asKnownTo({ sources }: Access, build: PublishedBuild): PublishedBuild {
  if (!sources) return build
  const known = Object.entries(build.dataThrough).filter(([source]) => sources.includes(source))
  return { ...build, dataThrough: Object.fromEntries(known) }
}
