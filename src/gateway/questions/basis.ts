import type { BuildPinned, RequestContext } from '../../../resolvers/index.js'
import type { BuildCatalog, PublishedBuild } from '../../../warehouses/contract/builds.js'

/** What an answer was made from. */
export interface Basis {
  /** Every build that a field was pinned to. */
  readonly pinned: readonly BuildPinned[]
  /** Those that were read, as places in `pinned`, in the order in which `extensions` names them. */
  readonly read: readonly number[]
}

/** Undefined where the same question may have another answer from the same builds: another warehouse stood in for one that was down. */
export function basisOf(context: RequestContext): Basis | undefined {
  if (context.fallbacksUsed().length > 0) return undefined
  const pinned = context.buildsPinned()
  const read = context
    .buildsRead()
    .map((build) => pinned.findIndex((each) => each.warehouse === build.warehouse && each.tag === build.tag))
  return read.includes(-1) ? undefined : { pinned, read }
}

/**
 * The builds that were read, as they are known now, where the same question would be answered from the same builds; else undefined. Without a promise
 * where the pointers are in memory.
 */
export function current(
  basis: Basis,
  catalog: BuildCatalog,
): readonly PublishedBuild[] | undefined | Promise<readonly PublishedBuild[] | undefined> {
  const live = catalog.current?.()
  if (!live || basis.pinned.some(({ named }) => named)) return looked(basis, catalog)
  return readOf(
    basis,
    basis.pinned.map(({ warehouse }) => live.get(warehouse)),
  )
}

async function looked(basis: Basis, catalog: BuildCatalog): Promise<readonly PublishedBuild[] | undefined> {
  const pointed = basis.pinned.filter(({ named }) => !named).map(({ warehouse }) => warehouse)
  try {
    const [published, ...found] = await Promise.all([
      pointed.length > 0 ? catalog.published(pointed) : new Map<string, PublishedBuild>(),
      ...basis.pinned.map(({ named, warehouse, buildId }) =>
        named ? catalog.retained(warehouse, buildId) : undefined,
      ),
    ])
    return readOf(
      basis,
      basis.pinned.map(({ named, warehouse }, i) => (named ? found[i] : published.get(warehouse))),
    )
  } catch {
    // Whoever executes the question says what is wrong.
    return undefined
  }
}

function readOf(
  { pinned, read }: Basis,
  now: readonly (PublishedBuild | undefined)[],
): readonly PublishedBuild[] | undefined {
  if (pinned.some(({ tag }, i) => now[i]?.tag !== tag)) return undefined
  return read.flatMap((place) => now[place] ?? [])
}
