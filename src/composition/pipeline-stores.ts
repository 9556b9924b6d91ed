import type { PipelineStore } from '../../pipeline/steps/context.js'
import type { Config } from '../config/config.js'
import { ConfigError } from '../config/errors.js'
import type { Installation } from './installation.js'

/**
 * The stores of one run, its primary store first: the configured first one, or `from`. A run that is told where to begin needs that store alone: it is
 * how one goes on when another is gone. The others are brought up to date beside it, and what cannot be copied is recorded as their debt.
 */
export async function pipelineStores(installation: Installation, from?: string): Promise<readonly PipelineStore[]> {
  const { config } = installation
  if (from !== undefined) requireStore(config, from)
  const opened = await Promise.all(config.stores.map((store) => installation.store(store)))
  const stores = opened.map((store, index) => ({ store, required: config.stores[index]?.required ?? true }))
  if (from === undefined) return stores
  const first = stores.filter(({ store }) => store.name === from).map(({ store }) => ({ store, required: true }))
  const others = stores.filter(({ store }) => store.name !== from).map(({ store }) => ({ store, required: false }))
  return [...first, ...others]
}

/** Throws `STORE_UNKNOWN`, which lists the stores there are. */
export function requireStore({ stores, profile }: Config, name: string): void {
  if (stores.some((store) => store.name === name)) return
  const known = stores.map((store) => store.name).join(', ')
  throw new ConfigError(
    'STORE_UNKNOWN',
    `There is no object store "${name}" in the profile "${profile}". There are: ${known}.`,
  )
}
