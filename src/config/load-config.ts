import { objectStoreKinds } from '../../pipeline/bronze/stores/registry.js'
import { adapters } from '../../warehouses/adapters/registry.js'
import type { Config } from './config.js'
import type { Environment } from './interpolate.js'
import type { Kinds } from './kinds.js'
import { readConfig } from './load.js'

/** Every kind of store and warehouse that the registries list. */
export const registeredKinds: Kinds = { stores: objectStoreKinds, warehouses: adapters }

/**
 * The configuration of a process: the file that GOLDGATE_CONFIG names, else goldgate.yaml of `cwd` (absolute), else the packaged one.
 * Throws ConfigError, whose message names every mistake with its key and place.
 */
export function loadConfig({ cwd, env }: { readonly cwd: string; readonly env: Environment }): Config {
  return readConfig({ cwd, env, kinds: registeredKinds })
}
