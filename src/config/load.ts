import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import type { Config, ControlConfig, PluginConfig, SourceConfig } from './config.js'
import { ConfigDocument, type KeyPath, type Problem } from './document.js'
import { ConfigError } from './errors.js'
import type { Environment } from './interpolate.js'
import { configJsonSchema, type JsonSchema } from './json-schema.js'
import type { Kind, Kinds } from './kinds.js'
import { locateConfig, locateHome, readConfigFile } from './locate.js'
import { didYouMean } from './nearest.js'
import { hostAndPort } from './overrides.js'
import { problemsOf } from './problems.js'
import { fileSchema, type ProfileFile, profileSchema } from './schema.js'

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
  if (document.syntaxProblems.length > 0) throw invalid(document.syntaxProblems)
  const folder = dirname(file)
  const reader = new ProfileReader(document, { ...env, GOLDGATE_HOME: home }, folder, kinds)

  const top = reader.file()
  const profile = env.GOLDGATE_PROFILE || top.profile
  const settings = reader.profile(profile, top.profiles)
  const stores = settings.stores.map((store, index) =>
    reader.plugin(kinds.stores, store.name, store, ['profiles', profile, 'stores', index]),
  )
  const warehouses = Object.entries(settings.warehouses).map(([name, given]) =>
    reader.plugin(kinds.warehouses, name, given, ['profiles', profile, 'warehouses', name]),
  )
  const first = Object.keys(settings.warehouses)[0] ?? ''
  const defaultWarehouse = settings.defaultWarehouse ?? first
  if (!(defaultWarehouse in settings.warehouses)) {
    reader.problems.push({
      path: ['profiles', profile, 'defaultWarehouse'],
      message: `there is no warehouse "${defaultWarehouse}"${didYouMean(defaultWarehouse, Object.keys(settings.warehouses)) || `; there are ${Object.keys(settings.warehouses).join(', ')}`}`,
    })
  }
  const overridden = hostAndPort(env)
  const described = reader.problems.map((problem) => document.describe(problem))
  if (described.length + overridden.problems.length > 0) throw invalid([...described, ...overridden.problems])

  return frozen({
    file,
    profile,
    home,
    control: controlOf(settings),
    stores: stores.filter((store) => store !== undefined),
    warehouses: warehouses.filter((warehouse) => warehouse !== undefined),
    defaultWarehouse,
    sources: Object.entries(settings.sources).map(([name, given]): SourceConfig => {
      const { schedule } = given
      return { name, data: resolve(folder, given.data), ...(schedule ? { schedule } : {}) }
    }),
    mappings: top.mappings.map((each) => resolve(folder, each)),
    gateway: { ...settings.gateway, ...overridden.values },
    pipeline: settings.pipeline,
    log: settings.log,
  })
}

/** The steps of reading one document, collecting problems. What cannot be gone on without is thrown at once. */
class ProfileReader {
  readonly problems: Problem[] = []
  private readonly schema: JsonSchema

  constructor(
    private readonly document: ConfigDocument,
    private readonly env: Environment,
    /** Of the file. */
    private readonly folder: string,
    kinds: Kinds,
  ) {
    this.schema = configJsonSchema(kinds)
  }

  file(): z.output<typeof fileSchema> {
    return this.parse(fileSchema, [], (path) => path[0] !== 'profiles')
  }

  profile(name: string, profiles: Readonly<Record<string, unknown>>): ProfileFile {
    if (!Object.hasOwn(profiles, name)) {
      const names = Object.keys(profiles)
      throw new ConfigError(
        'PROFILE_UNKNOWN',
        `There is no profile "${name}"${didYouMean(name, names) || `; there are ${names.join(', ')}`}. GOLDGATE_PROFILE or the key "profile" names it.`,
      )
    }
    return this.parse(profileSchema, ['profiles', name], (path) => path[0] === 'profiles' && path[1] === name)
  }

  /** Undefined after a problem. */
  plugin(kinds: readonly Kind[], name: string, given: object, path: KeyPath): PluginConfig | undefined {
    const { kind, name: _name, ...options }: { kind: string; name?: unknown } = { kind: '', ...given }
    const found = kinds.find((each) => each.kind === kind)
    if (!found) {
      const names = kinds.map((each) => each.kind)
      const hint = didYouMean(kind, names) || `; there are ${names.join(', ')}`
      this.problems.push({ path: [...path, 'kind'], message: `there is no kind "${kind}"${hint}` })
      return undefined
    }
    try {
      return { name, kind, options: found.parseOptions(withAbsolutePaths(options, this.folder)) }
    } catch (error) {
      if (!(error instanceof z.ZodError)) throw error
      this.problems.push(...problemsOf(error.issues, path, this.schema))
      return undefined
    }
  }

  private parse<S extends z.ZodType>(schema: S, path: KeyPath, wanted: (path: KeyPath) => boolean): z.output<S> {
    const read = this.document.plain(this.env, wanted)
    const value = path.reduce<unknown>((data, key) => (data as Record<string | number, unknown>)[key], read.value)
    const parsed = schema.safeParse(value)
    // A value whose variable is missing is absent: one complaint about it is enough.
    const known = new Set(read.problems.map((problem) => JSON.stringify(problem.path)))
    const found = parsed.success ? [] : problemsOf(parsed.error.issues, path, this.schema)
    const problems = [...read.problems, ...found.filter((problem) => !known.has(JSON.stringify(problem.path)))]
    if (!parsed.success)
      throw invalid([...this.problems, ...problems].map((problem) => this.document.describe(problem)))
    this.problems.push(...problems)
    return parsed.data
  }
}

/** What begins with `./` or `../` is a path, wherever it stands: relative to the file, not to where the command was started. */
function withAbsolutePaths(value: unknown, folder: string): unknown {
  if (typeof value === 'string') return /^\.{1,2}\//.test(value) ? resolve(folder, value) : value
  if (Array.isArray(value)) return value.map((each) => withAbsolutePaths(each, folder))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withAbsolutePaths(inner, folder)]))
}

function controlOf(settings: ProfileFile): ControlConfig {
  const { url } = settings.control
  return url === undefined ? { embedded: true } : { embedded: false, url }
}

function invalid(problems: readonly string[]): ConfigError {
  const heading =
    problems.length === 1 ? 'The configuration is not valid' : `The configuration has ${problems.length} mistakes`
  return new ConfigError('CONFIG_INVALID', `${heading}:\n${problems.map((problem) => `  ${problem}`).join('\n')}`)
}

function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  const plain = Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype
  if (!plain) return value
  for (const inner of Object.values(value)) frozen(inner)
  return Object.freeze(value)
}
