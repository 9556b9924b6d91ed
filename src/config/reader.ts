import { resolve } from 'node:path'
import { z } from 'zod'
import type { PluginConfig } from './config.js'
import type { ConfigDocument, KeyPath, Problem } from './document.js'
import { ConfigError } from './errors.js'
import type { Environment } from './interpolate.js'
import { configSchema, type JsonSchema } from './json-schema.js'
import type { Kind, Kinds } from './kinds.js'
import { oneOf } from './nearest.js'
import { problemsOf } from './problems.js'
import { fileSchema, type ProfileFile, profileSchema } from './schema.js'
import { withTypedText } from './typed-text.js'

/** The steps of reading one file, collecting what is wrong. What cannot be gone on without is thrown at once. */
export class ConfigReader {
  private readonly problems: Problem[] = []
  private readonly schema: JsonSchema
  /** The file's content as far as it was looked at, variables replaced. */
  private content: unknown

  constructor(
    private readonly document: ConfigDocument,
    private readonly env: Environment,
    /** Of the file. */
    private readonly folder: string,
    kinds: Kinds,
  ) {
    this.schema = configSchema(kinds)
  }

  /** Everything but the profiles, which stay as they are. */
  file(): z.output<typeof fileSchema> {
    return this.parse(fileSchema, [], (path) => path[0] !== 'profiles')
  }

  profile(name: string, profiles: Readonly<Record<string, unknown>>): ProfileFile {
    if (!Object.hasOwn(profiles, name)) {
      const hint = oneOf(name, Object.keys(profiles))
      throw new ConfigError(
        'PROFILE_UNKNOWN',
        `There is no profile "${name}"${hint}. GOLDGATE_PROFILE or the key "profile" names it.`,
      )
    }
    return this.parse(profileSchema, ['profiles', name], (path) => path[0] === 'profiles' && path[1] === name)
  }

  /** A store or a warehouse; undefined after a problem. */
  plugin(kinds: readonly Kind[], name: string, given: object, path: KeyPath): PluginConfig | undefined {
    const { kind, name: _name, ...options }: { kind: string; name?: unknown } = { kind: '', ...given }
    const found = kinds.find((each) => each.kind === kind)
    if (!found) {
      const names = kinds.map((each) => each.kind)
      this.report([{ path: [...path, 'kind'], message: `there is no kind "${kind}"${oneOf(kind, names)}` }])
      return undefined
    }
    try {
      // First as it is written: what the kind refuses so is no path, although an absolute one may pass (the prefix of a bucket).
      found.parseOptions(options)
      return { name, kind, options: found.parseOptions(withAbsolutePaths(options, this.folder)) }
    } catch (error) {
      if (!(error instanceof z.ZodError)) throw error
      this.report(problemsOf(error.issues, path, this.schema, this.content))
      return undefined
    }
  }

  /** The first problem of a key is the one to repair: where a variable is missing, its key also is. */
  report(problems: readonly Problem[]): void {
    for (const problem of problems) {
      const id = JSON.stringify(problem.path)
      if (!this.problems.some((each) => JSON.stringify(each.path) === id)) this.problems.push(problem)
    }
  }

  described(): string[] {
    return this.problems.map((problem) => this.document.describe(problem))
  }

  private parse<S extends z.ZodType>(schema: S, path: KeyPath, wanted: (path: KeyPath) => boolean): z.output<S> {
    const read = this.document.plain(this.env, wanted)
    this.report(read.problems)
    this.content = withTypedText(read.value, this.schema)
    const value = path.reduce<unknown>((data, key) => (data as Record<string | number, unknown>)[key], this.content)
    const parsed = schema.safeParse(value)
    if (parsed.success) return parsed.data
    this.report(problemsOf(parsed.error.issues, path, this.schema, this.content))
    throw ConfigError.invalid(this.described())
  }
}

/** What begins with `./` or `../` is a path, wherever it stands: relative to the file, not to where the command was started. */
function withAbsolutePaths(value: unknown, folder: string): unknown {
  if (typeof value === 'string') return /^\.{1,2}\//.test(value) ? resolve(folder, value) : value
  if (Array.isArray(value)) return value.map((each) => withAbsolutePaths(each, folder))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withAbsolutePaths(inner, folder)]))
}
