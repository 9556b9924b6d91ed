import { createHash } from 'node:crypto'
import { cp, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { cached, cacheFolder } from '../../scripts/servers/cache.js'
import { installPythonPackages } from '../../scripts/servers/install.js'
import { runCommand } from '../../scripts/servers/run-command.js'

const say = (line: string) => console.log(line)
const own = (file: string): string => join(import.meta.dirname, file)

export interface Tools {
  /** Folders of programs: `python`, `duckdb`. */
  readonly programs: string
  /** `node_modules` of the page about Apollo Client. */
  readonly nodeModules: string
  /** The folder that DuckDB installs extensions to, below the home of its user, and what it has fetched there before. */
  readonly httpfs: { readonly folder: string; readonly file: string }
}

/**
 * What the pages install, of the versions that they name, kept with the test servers: 600 MB that nobody needs who works on
 * Goldgate, so they are no part of its own dependencies.
 */
export async function installTools(): Promise<Tools> {
  const python = await installPythonPackages(cacheFolder(), 'quickstarts', own('requirements.txt'), say)
  const programs = dirname(python)
  return { programs, nodeModules: await installNodePackages(), httpfs: await findHttpfs(programs) }
}

async function findHttpfs(programs: string): Promise<Tools['httpfs']> {
  const duckdb = async (sql: string) =>
    (await runCommand(join(programs, 'duckdb'), ['-noheader', '-list', '-c', sql], { needs: '' })).trim()
  const [version, platform] = [await duckdb('SELECT version()'), await duckdb('PRAGMA platform')]
  const findPackage = 'import duckdb_extension_httpfs; print(duckdb_extension_httpfs.__path__[0])'
  const path = await runCommand(join(programs, 'python'), ['-c', findPackage], { needs: '' })
  return {
    folder: join('.duckdb', 'extensions', version, platform),
    file: join(path.trim(), 'extensions', version, 'httpfs.duckdb_extension'),
  }
}

async function installNodePackages(): Promise<string> {
  const files = [own('package.json'), own('package-lock.json')]
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')))
  const version = createHash('sha256').update(texts.join('\0')).digest('hex').slice(0, 12)
  const folder = await cached(cacheFolder(), 'quickstarts-node', version, async (target) => {
    say('quickstarts: npm ci (half a minute, once)')
    for (const file of files) await cp(file, join(target, file.slice(own('').length)))
    const args = ['ci', '--no-audit', '--no-fund', '--ignore-scripts']
    await runCommand('npm', args, { needs: 'npm comes with Node.', cwd: target })
  })
  return join(folder, 'node_modules')
}
