import { isUtf8 } from 'node:buffer'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { packageRoot } from '../../warehouses/package-root.js'
import { ConfigError } from './errors.js'
import type { Environment } from './interpolate.js'

const CONFIG_FILE = 'goldgate.yaml'

/** GOLDGATE_CONFIG, else goldgate.yaml of the current folder, else the packaged one. Absolute. */
export function locateConfig(cwd: string, env: Environment): string {
  if (env.GOLDGATE_CONFIG) return resolve(cwd, env.GOLDGATE_CONFIG)
  const own = join(cwd, CONFIG_FILE)
  return existsSync(own) ? own : join(packageRoot(), CONFIG_FILE)
}

/** GOLDGATE_HOME, else `.goldgate` in the current folder. Absolute. */
export function locateHome(cwd: string, env: Environment): string {
  return resolve(cwd, env.GOLDGATE_HOME || '.goldgate')
}

export function readConfigFile(file: string): string {
  const bytes = bytesOf(file)
  // UTF-16 without a mark at its beginning is valid UTF-8 with a zero in each character.
  if (isUtf8(bytes) && !bytes.includes(0)) return bytes.toString('utf8')
  throw ConfigError.invalid([
    `${file}:1:1: is not written in UTF-8, but in UTF-16 or an older encoding: save it as UTF-8`,
  ])
}

function bytesOf(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (cause) {
    throw new ConfigError(
      'CONFIG_NOT_FOUND',
      `The configuration file ${file} cannot be read. Set GOLDGATE_CONFIG to a file that is there, or unset it to use goldgate.yaml of the current folder.`,
      { cause },
    )
  }
}
