import DataLoader from 'dataloader'
import type { BuildCatalog, PublishedBuild } from '../../warehouses/contract/builds.js'
import { GoldgateError } from '../errors/goldgate-error.js'

/** No build id that the control store gives out looks otherwise, so others need not be asked for. */
export const isBuildId = (id: string): boolean => /^[A-Za-z0-9_-]{1,64}$/.test(id)

interface RetainedKey {
  readonly warehouse: string
  readonly buildId: string
}

/** The builds of one request: each pointer is read once, all that are asked for together in one read, and kept. */
export class BuildPins {
  /** Made when they are first needed: most requests read pointers that are in memory. */
  private published: DataLoader<string, PublishedBuild | undefined> | undefined
  private retained: DataLoader<RetainedKey, PublishedBuild | undefined, string> | undefined

  /** What all pointers named when the first of them was asked for; undefined where that is not known without waiting. */
  private live: ReadonlyMap<string, PublishedBuild> | undefined
  private asked = false

  constructor(private readonly catalog: BuildCatalog) {}

  /** The build that the warehouse's pointer names; undefined when none has been published. */
  async current(warehouse: string): Promise<PublishedBuild | undefined> {
    const live = this.look()
    if (live) return live.get(warehouse)
    this.published ??= publishedOf(this.catalog)
    return this.published.load(warehouse)
  }

  /** The same, where it is known without waiting. */
  now(warehouse: string): PublishedBuild | undefined {
    return this.look()?.get(warehouse)
  }

  private look(): ReadonlyMap<string, PublishedBuild> | undefined {
    if (!this.asked) this.live = this.catalog.current?.()
    this.asked = true
    return this.live
  }

  /** A build by its id; undefined when the warehouse does not hold it. */
  async named(warehouse: string, id: string): Promise<PublishedBuild | undefined> {
    if (!isBuildId(id)) return undefined
    this.retained ??= retainedOf(this.catalog)
    return this.retained.load({ warehouse, buildId: id })
  }
}

const publishedOf = (catalog: BuildCatalog): DataLoader<string, PublishedBuild | undefined> =>
  new DataLoader(async (warehouses: readonly string[]) => {
    const builds = await reading(() => catalog.published(warehouses))
    return warehouses.map((warehouse) => builds.get(warehouse))
  })

const retainedOf = (catalog: BuildCatalog): DataLoader<RetainedKey, PublishedBuild | undefined, string> =>
  new DataLoader(
    (keys: readonly RetainedKey[]) =>
      Promise.all(keys.map((key) => reading(() => catalog.retained(key.warehouse, key.buildId)))),
    { cacheKeyFn: (key) => JSON.stringify([key.warehouse, key.buildId]) },
  )

/** What `read` reads of the control database; `failed` says in a sentence what could not be. */
export async function reading<T>(
  read: () => Promise<T>,
  failed = 'Which build is published could not be read from the control database.',
): Promise<T> {
  try {
    return await read()
  } catch (cause) {
    throw new GoldgateError(
      'CONTROL_DATABASE_UNAVAILABLE',
      `${failed} Ask again later; /health/ready says when it answers.`,
      { cause },
    )
  }
}
