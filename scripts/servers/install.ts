import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { totalmem } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cached } from './cache.js'
import { runCommand } from './run-command.js'

export type Say = (line: string) => void

const goNeeded = 'install Go 1.25 or newer (https://go.dev/dl), and see that `go` is on the PATH.'
const pythonNeeded = 'install Python 3.11 or newer with venv, and see that `python3` is on the PATH.'

/** S3. Path of the program. */
export const installVersitygw = (cache: string, say: Say): Promise<string> =>
  installGoProgram(cache, 'versitygw', '1.8.0', 'github.com/versity/versitygw/cmd/versitygw', say)

/** Google Cloud Storage. Path of the program. */
export const installFakeGcsServer = (cache: string, say: Say): Promise<string> =>
  installGoProgram(cache, 'fake-gcs-server', '1.56.1', 'github.com/fsouza/fake-gcs-server', say)

async function installGoProgram(cache: string, name: string, version: string, path: string, say: Say): Promise<string> {
  const folder = await cached(cache, name, version, async (target) => {
    say(`${name} ${version}: go install (about a minute, once)`)
    const env = { GOBIN: target, CGO_ENABLED: '0' }
    await runCommand('go', ['install', '-ldflags=-s -w', `${path}@v${version}`], { needs: goNeeded, env })
  })
  return join(folder, name)
}

/** BigQuery's REST API. Path of the Python that has it. */
export async function installBqemulator(cache: string, say: Say): Promise<string> {
  const requirements = fileURLToPath(new URL('bqemulator-requirements.txt', import.meta.url))
  const version = /^bqemulator==(\S+)$/m.exec(await readFile(requirements, 'utf8'))?.[1]
  return installPythonPackages(cache, `bqemulator-${version}`, requirements, say)
}

/** Everything that a file names, with all below it, and nothing else. Path of the Python that has it. */
export async function installPythonPackages(
  cache: string,
  name: string,
  requirements: string,
  say: Say,
): Promise<string> {
  const version = shortHash(await readFile(requirements, 'utf8'))
  const folder = await cached(cache, name, version, async (target) => {
    say(`${name}: pip install (about a minute, once)`)
    await runCommand('python3', ['-m', 'venv', target], { needs: pythonNeeded })
    const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '-r', requirements]
    await runCommand(pythonOf(target), install, { needs: pythonNeeded })
  })
  return pythonOf(folder)
}

const pythonOf = (folder: string): string =>
  process.platform === 'win32' ? join(folder, 'Scripts', 'python.exe') : join(folder, 'bin', 'python')

/** Folder with the source of googlesql-check: named by a variable, else beside the checkout; undefined where there is none. */
export function findGooglesqlCheckSource(checkout: string, env: NodeJS.ProcessEnv = process.env): string | undefined {
  const named = env.GOLDGATE_GOOGLESQL_CHECK_SOURCE
  if (named !== undefined && named !== '') {
    if (!isGoModule(named)) throw new Error(`GOLDGATE_GOOGLESQL_CHECK_SOURCE is ${named}, where no go.mod is.`)
    return named
  }
  const beside = join(checkout, '..')
  return readdirSync(beside)
    .map((name) => join(beside, name, 'tools', 'googlesql-check'))
    .find(isGoModule)
}

function isGoModule(folder: string): boolean {
  try {
    return readFileSync(join(folder, 'go.mod'), 'utf8').startsWith('module googlesql-check')
  } catch {
    return false
  }
}

/** Google's analyzer, built from `source`; kept under a key of everything that makes the binary. Path of the program. */
export async function buildGooglesqlCheck(cache: string, source: string, say: Say): Promise<string> {
  const goVersion = await runCommand('go', ['env', 'GOVERSION'], { needs: goNeeded, cwd: source })
  const files = (await readdir(source)).filter(
    (name) => /^go\.(mod|sum)$|\.go$/.test(name) && !name.endsWith('_test.go'),
  )
  const texts = await Promise.all(files.sort().map((name) => readFile(join(source, name), 'utf8')))
  const key = shortHash([goVersion.trim(), ...texts].join('\0'))
  const folder = await cached(cache, 'googlesql-check', key, async (target) => {
    say('googlesql-check: go build (two to five minutes and 5 to 7 GB of memory, once)')
    const args = ['build', '-trimpath', '-ldflags=-s -w', '-o', join(target, 'googlesql-check'), '.']
    // GOGC=30 takes the peak from 7 GB to 5 GB; a machine of CI may have 8.
    const collector = totalmem() < 12 * 2 ** 30 ? { GOGC: '30' } : {}
    await runCommand('go', args, { needs: goNeeded, cwd: source, env: { CGO_ENABLED: '0', ...collector } })
  })
  return join(folder, 'googlesql-check')
}

const shortHash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12)
