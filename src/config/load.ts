import { dirname, resolve } from 'node:path'
import { goldModels } from '../../models/gold/index.js'
import { accessProblems } from './access-problems.js'
import { isAsked } from './authentication-schema.js'
import type { Config, ControlConfig, SourceConfig, StoreConfig } from './config.js'
import { ConfigDocument } from './document.js'
import { ConfigError } from './errors.js'
import type { Environment } from './interpolate.js'
import type { Kinds } from './kinds.js'
import { locateConfig, locateHome, readConfigFile } from './locate.js'
import { hostAndPort } from './overrides.js'
import {
  aroundHomeProblems,
  embeddedDatabaseProblems,
  type Place,
  placeOfStore,
  placeOfWarehouse,
  placeProblems,
  placesOfHome,
} from './places.js'
import { ConfigReader } from './reader.js'
import { roleProblems } from './role-problems.js'
import { hostProblem, type ProfileFile } from './schema.js'
import { warehouseNameProblems } from './warehouse-names.js'

export interface LoadOptions {
  /** Absolute. */
  readonly cwd: string
  readonly env: Environment
  readonly kinds: Kinds
}

/** Reads, checks and freezes the configuration. Throws ConfigError with everything that is wrong, each with its key and place. */
export function readConfig({ cwd, env, kinds }: LoadOptions): Config {
  const file = locateConfig(cwd, env)
  const home = locateHome(cwd, env)
  const document = new ConfigDocument(file, readConfigFile(file))
  if (document.syntaxProblems.length > 0) throw ConfigError.invalid(document.syntaxProblems)
  const folder = dirname(file)
  const reader = new ConfigReader(document, { ...env, GOLDGATE_HOME: home }, folder, kinds)

  const top = reader.file()
  const profile = env.GOLDGATE_PROFILE || top.profile
  const settings = reader.profile(profile, top.profiles)
  const places: Place[] = []
  const stores = settings.stores.map(({ required, ...store }, index): StoreConfig | undefined => {
    const path = ['profiles', profile, 'stores', index]
    const plugin = reader.plugin(kinds.stores, store.name, store, path)
    if (plugin) places.push(...placeOfStore(plugin, kinds.stores, path))
    return plugin && { ...plugin, required }
  })
  const warehouses = Object.entries(settings.warehouses).flatMap(([name, given]) => {
    const path = ['profiles', profile, 'warehouses', name]
    const plugin = reader.plugin(kinds.warehouses, name, given, path)
    if (plugin) places.push(placeOfWarehouse(plugin, kinds.warehouses, path, home))
    return plugin ? [plugin] : []
  })
  const holdsControl = settings.control.url === undefined
  reader.report(embeddedDatabaseProblems(warehouses, kinds.warehouses, holdsControl, ['profiles', profile]))
  reader.report(aroundHomeProblems(places, home))
  reader.report(placeProblems([...placesOfHome(home), ...places]))
  const defaultWarehouse = settings.defaultWarehouse ?? Object.keys(settings.warehouses)[0] ?? ''
  reader.report(warehouseNameProblems(settings, defaultWarehouse, ['profiles', profile]))
  reader.report(roleProblems(settings, goldModels, ['profiles', profile]))
  reader.report(accessProblems(settings, ['profiles', profile]))
  const { host } = settings.gateway
  const open = settings.gateway.exposed || isAsked(settings.gateway.authentication)
  const message = hostProblem(host, open)
  if (message !== undefined) reader.report([{ path: ['profiles', profile, 'gateway', 'host'], message }])
  const overridden = hostAndPort(env, open)
  const problems = [...reader.described(), ...overridden.problems]
  if (problems.length > 0) throw ConfigError.invalid(problems)

  return frozen({
    file,
    profile,
    home,
    control: controlOf(settings, folder),
    stores: stores.filter((store) => store !== undefined),
    warehouses,
    defaultWarehouse,
    sources: Object.entries(settings.sources).map(([name, given]): SourceConfig => {
      const { schedule } = given
      return { name, data: resolve(folder, given.data), ...(schedule ? { schedule } : {}) }
    }),
    mappings: top.mappings.map((each) => resolve(folder, each)),
    gateway: {
      ...settings.gateway,
      operations: settings.gateway.operations.map((each) => resolve(folder, each)),
      ...overridden.values,
    },
    roles: Object.entries(settings.roles).map(([name, role]) => ({ name, ...role })),
    pipeline: settings.pipeline,
    parity: settings.parity,
    log: settings.log,
  })
}

function controlOf(settings: ProfileFile, folder: string): ControlConfig {
  const { url, tls, poolSize } = settings.control
  if (url === undefined) return { embedded: true, poolSize }
  if (!tls) return { embedded: false, url, poolSize }
  return { embedded: false, url, poolSize, tls: { ...tls, ...(tls.ca && { ca: resolve(folder, tls.ca) }) } }
}

function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  const plain = Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype
  if (!plain) return value
  for (const inner of Object.values(value)) frozen(inner)
  return Object.freeze(value)
}
