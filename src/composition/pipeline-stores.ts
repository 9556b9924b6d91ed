import type { PipelineStore } from '../../pipeline/steps/context.js'
import { ConfigError } from '../config/errors.js'
import type { Installation } from './installation.js'

/**
 * The stores of one run, its primary store first: the configured first one, or `from`. A run that is told where to begin needs that store alone: it is
 * how one goes on when another is gone. The others are brought up to date beside it, and what cannot be copied is recorded as their debt.
 */
export async function pipelineStores(installation: Installation, from?: string): Promise<readonly PipelineStore[]> {
  const { stores: configured } = installation.config
  const opened = await Promise.all(configured.map((store) => installation.store(store)))
  const stores = opened.map((store, index) => ({ store, required: configured[index]?.required ?? true }))
  if (from === undefined) return stores
  const first = stores.find(({ store }) => store.name === from)
  if (first) {
    const others = stores.filter((each) => each !== first)
    return [first, ...others.map(({ store }) => ({ store, required: false }))]
  }
  const known = stores.map(({ store }) => store.name).join(', ')
  throw new ConfigError(
    'STORE_UNKNOWN',
    `There is no object store "${from}" in the profile "${installation.config.profile}". There are: ${known}.`,
  )
}
