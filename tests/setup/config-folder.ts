import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import type { Config } from '../../src/config/config.js'
import { ConfigError } from '../../src/config/errors.js'
import type { Environment } from '../../src/config/interpolate.js'
import type { Kind, Kinds } from '../../src/config/kinds.js'
import { readConfig } from '../../src/config/load.js'

/** Kinds that no registry has: the configuration must work with whatever it is handed. */
const kinds: Kinds = {
  stores: [kindOf('shelf', z.strictObject({ directory: z.string() }))],
  warehouses: [
    kindOf('tank', z.strictObject({ url: z.string().optional(), size: z.int().default(3) })),
    kindOf('pond', z.strictObject({ depth: z.int() })),
  ],
}

/** A small valid file; what follows it belongs to its only profile. */
export const VALID = `version: 1
profile: local
mappings: [maps]
profiles:
  local:
    control: { embedded: true }
    stores:
      - { name: first, kind: shelf, directory: ./objects }
    warehouses:
      big: { kind: tank }
      small: { kind: pond, depth: 2 }
    sources:
      demo: { data: files }`

/** goldgate.yaml in a folder of its own. */
export class ConfigFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'goldgate config '))

  load(text: string | Buffer, env: Environment = {}): Config {
    writeFileSync(join(this.path, 'goldgate.yaml'), text)
    return this.read(this.path, env)
  }

  read(cwd: string, env: Environment): Config {
    return readConfig({ cwd, env, kinds })
  }

  /** The error that the text gives. */
  failure(text: string | Buffer, env: Environment = {}): ConfigError {
    try {
      this.load(text, env)
    } catch (error) {
      if (error instanceof ConfigError) return error
      throw error
    }
    throw new Error('The configuration was accepted')
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}

/** `goldgate.yaml:4:3:` of the first place where `part` stands in `text`. */
export function placeOf(text: string, part: string): string {
  const before = text.slice(0, text.indexOf(part)).split('\n')
  return `goldgate.yaml:${before.length}:${(before.at(-1)?.length ?? 0) + 1}:`
}

function kindOf(kind: string, options: z.ZodType): Kind {
  return {
    kind,
    parseOptions: (raw) => options.parse(raw),
    optionsJsonSchema: () => z.toJSONSchema(options, { io: 'input' }),
    location: () => undefined,
  }
}
