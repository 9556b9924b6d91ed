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
  private readonly published: DataLoader<string, PublishedBuild | undefined>
  private readonly retained: DataLoader<RetainedKey, PublishedBuild | undefined, string>

  /** What all pointers named when the first of them was asked for; undefined where that is not known without waiting. */
  private live: ReadonlyMap<string, PublishedBuild> | undefined
  private asked = false

  constructor(private readonly catalog: BuildCatalog) {
    this.published = new DataLoader(async (warehouses: readonly string[]) => {
      const builds = await reading(() => catalog.published(warehouses))
      return warehouses.map((warehouse) => builds.get(warehouse))
    })
    this.retained = new DataLoader(
      (keys: readonly RetainedKey[]) =>
        Promise.all(keys.map((key) => reading(() => catalog.retained(key.warehouse, key.buildId)))),
      { cacheKeyFn: (key) => JSON.stringify([key.warehouse, key.buildId]) },
    )
  }

  /** The build that the warehouse's pointer names; undefined when none has been published. */
  async current(warehouse: string): Promise<PublishedBuild | undefined> {
    if (!this.asked) this.live = this.catalog.current?.()
    this.asked = true
    return this.live ? this.live.get(warehouse) : this.published.load(warehouse)
  }

  /** A build by its id; undefined when the warehouse does not hold it. */
  async named(warehouse: string, id: string): Promise<PublishedBuild | undefined> {
    return isBuildId(id) ? this.retained.load({ warehouse, buildId: id }) : undefined
  }
}

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
