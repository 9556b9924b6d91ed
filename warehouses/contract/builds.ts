/**
 * One build in one warehouse. `buildId` is the same in every warehouse; `tag` names the physical tables of this attempt at it
 * (`<buildId>_<fencing token>`, at most 36 characters of [a-z0-9_]), so that no runner can ever overwrite another one's tables.
 */
export interface BuildRef {
  readonly buildId: string
  readonly tag: string
}

/** How the last build that was tried ended: `passed` = published or waiting on a hold, `failed` = a check of severity error. */
export type Gate = 'passed' | 'failed'

/** What a reader is told about the build it is pinned to. */
export interface PublishedBuild extends BuildRef {
  readonly warehouse: string
  /** ISO 8601, UTC. */
  readonly publishedAt: string
  /** Newest order_date of each source in this build. */
  readonly dataThrough: Readonly<Record<string, string>>
  /** Of the newest build that was tried after the pinned one, else of this one. */
  readonly gate: Gate
  /** True when a newer build exists that is not published: it failed its checks, or the pointer is held. */
  readonly stale: boolean
  readonly held: boolean
}

/** What the gateway needs to know about builds; the control store implements it, `src` hands it over. */
export interface BuildCatalog {
  /** The builds that the pointers of these warehouses name now, one consistent read. A warehouse without a published build is absent. */
  published(warehouses: readonly string[]): Promise<ReadonlyMap<string, PublishedBuild>>
  /** A build that is published or retained after having been published once; undefined when it is unknown, never passed its checks, or was dropped. */
  retained(warehouse: string, buildId: string): Promise<PublishedBuild | undefined>
  /**
   * What all pointers name now, by warehouse, without a promise; the same map for as long as nothing changed. Undefined while this process
   * cannot be sure of it: ask `published` then. It holds for the moment of the call: ask again after anything that was waited for. Absent: never sure.
   */
  current?(): ReadonlyMap<string, PublishedBuild> | undefined
}
