import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import pg from 'pg'
import { EmbeddedPostgres } from '../../src/embedded-postgres/server.js'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Builds what tests start as processes of their own, and starts one real PostgreSQL for the whole run. */
export default async function setup(): Promise<() => Promise<void>> {
  await Promise.all([run('npm', ['run', '--silent', 'build']), bundle()])
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
 * The runner that tests kill and conform's child, each with its packages in few files: they are started hundreds of times, and half a second of the processor went
 * into finding and reading the thousand files that they are made of.
 */
async function bundle(): Promise<void> {
  const outdir = join(root, '.vitest', 'compiled')
  // Over what is there: another test run of this checkout may be using it.
  await build({
    absWorkingDir: root,
    entryPoints: ['tests/crash/runner.ts', 'pipeline/conform/child.ts'],
    // Side by side, as each looks for the other beside it.
    ...{ outdir, entryNames: '[name]' },
    ...{ bundle: true, splitting: true, platform: 'node', format: 'esm', target: 'node20', logLevel: 'warning' },
    // Modules that are written for require() find one.
    banner: { js: `import { createRequire as c } from 'node:module'; const require = c(import.meta.url);` },
    // Native code, a package that nobody has, and what such a run never loads.
    external: [
      '@duckdb/node-bindings*',
      'pg-native',
      '@aws-sdk/*',
      '@google-cloud/*',
      'google-auth-library',
      '*/serve.js',
      '*/check-operations.js',
    ],
  })
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
