import type { PublishedBuild } from '../../warehouses/contract/builds.js'
import type { CostOfAnswer } from './cost.js'
import type { Explained } from './explanation.js'
import type { FallbackUsed } from './request-context.js'

export type CacheUse = 'hit' | 'miss' | 'off'

/** What stands in `extensions.goldgate` of every answer. */
export interface AnswerExtensions {
  readonly builds: readonly BuildRead[]
  /** Always false: an answer holds all rows of the page that was asked for, or is an error. */
  readonly truncated: false
  /** Whether the data come from the cache of whole answers; `off`: there is none, or none for this question. Whether they are current does not depend on it. */
  readonly cache: CacheUse
  /** There when a warehouse did not answer and another one did in its place. */
  readonly fallbacks?: readonly FallbackUsed[]
  /** There when statements ran, or would run, that something is known of: in warehouses that bill by bytes. */
  readonly cost?: CostOfAnswer
  /** There when nothing ran: what would have. */
  readonly explain?: Explained
}

interface BuildRead {
  readonly warehouse: string
  readonly build: string
  readonly publishedAt: string
  /** The least of `dataThroughBySource`; null for a build without sales. */
  readonly dataThrough: string | null
  readonly dataThroughBySource: Readonly<Record<string, string>>
  readonly gate: PublishedBuild['gate']
  readonly stale: boolean
  readonly held: boolean
}

export function answerExtensions(
  builds: readonly PublishedBuild[],
  fallbacks: readonly FallbackUsed[] = [],
  cache: CacheUse = 'off',
  { cost, explain }: Pick<AnswerExtensions, 'cost' | 'explain'> = {},
): AnswerExtensions {
  return {
    ...{ builds: builds.map(buildRead), truncated: false, cache },
    ...(fallbacks.length > 0 && { fallbacks }),
    ...(cost && { cost }),
    ...(explain && { explain }),
  }
}

function buildRead(build: PublishedBuild): BuildRead {
  // ISO dates order as text.
  const dates = Object.values(build.dataThrough).sort()
  return {
    warehouse: build.warehouse,
    build: build.buildId,
    publishedAt: build.publishedAt,
    dataThrough: dates[0] ?? null,
    dataThroughBySource: build.dataThrough,
    gate: build.gate,
    stale: build.stale,
    held: build.held,
  }
}
