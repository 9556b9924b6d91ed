import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EmbeddedPostgres } from '../../src/embedded-postgres/server.js'

/** Builds what tests start as processes of their own, and starts one real PostgreSQL for the whole run. */
export default async function setup(): Promise<() => Promise<void>> {
  await Promise.all([
    run('npm', ['run', '--silent', 'build']),
    // The runner that tests kill: compiled, since it is started hundreds of times.
    run('npx', ['tsc', '-p', 'tests/crash/tsconfig.json']),
  ])
  const home = await mkdtemp(join(tmpdir(), 'goldgate tests '))
  // As root: PostgreSQL's own account passes through it, and nothing is left elsewhere.
  await chmod(home, 0o711)
  const server = await EmbeddedPostgres.open(home)
  process.env.GOLDGATE_TEST_POSTGRES = server.url('postgres')
  return async () => {
    await server.close()
    await rm(home, { recursive: true, force: true })
  }
}

async function run(command: string, args: readonly string[]): Promise<void> {
  const [code] = await once(spawn(command, args, { stdio: 'inherit', shell: process.platform === 'win32' }), 'exit')
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}`)
}
