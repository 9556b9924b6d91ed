import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import ts from 'typescript'
import { EmbeddedPostgres } from '../../src/embedded-postgres/server.js'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Builds what tests start as processes of their own, and starts one real PostgreSQL for the whole run. */
export default async function setup(): Promise<() => Promise<void>> {
  await Promise.all([run('npm', ['run', '--silent', 'build']), compileRunner()])
  const home = await mkdtemp(join(tmpdir(), 'goldgate tests '))
  // As root: PostgreSQL's own account passes through it, and nothing is left elsewhere.
  await chmod(home, 0o711)
  const server = await EmbeddedPostgres.open(home)
  await forgoDurability(server.url('postgres'))
  process.env.GOLDGATE_TEST_POSTGRES = server.url('postgres')
  return async () => {
    await server.close()
    await rm(home, { recursive: true, force: true })
  }
}

/**
 * The runner that tests kill: JavaScript, since it is started hundreds of times. It is two files beside the program that was built anyway; `npm run types` checks them.
 */
async function compileRunner(): Promise<void> {
  const compiled = join(root, '.vitest', 'compiled')
  await rm(compiled, { recursive: true, force: true })
  for (const file of ['tests/crash/runner.ts', 'tests/crash/stops.ts']) {
    const { outputText } = ts.transpileModule(await readFile(join(root, file), 'utf8'), {
      compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023, verbatimModuleSyntax: true },
    })
    const out = join(compiled, file.replace(/ts$/, 'js'))
    await mkdir(dirname(out), { recursive: true })
    await writeFile(out, outputText)
  }
  await symlink(join(root, 'dist', 'src'), join(compiled, 'src'), 'junction')
}

/** Tests kill processes, never the machine, nor this server: what the kernel has is as good as on the disk, and is waited for thousands of times. */
async function forgoDurability(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  for (const setting of ['fsync', 'full_page_writes', 'synchronous_commit'])
    await client.query(`ALTER SYSTEM SET ${setting} = off`)
  await client.query('SELECT pg_reload_conf()')
  await client.end()
}

async function run(command: string, args: readonly string[]): Promise<void> {
  const [code] = await once(spawn(command, args, { stdio: 'inherit', shell: process.platform === 'win32' }), 'exit')
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}`)
}
