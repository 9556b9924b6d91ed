import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { lineOf } from '../workspace.js'

/** The servers of one benchmark, each a process of its own. */
export class Servers {
  private readonly children: ChildProcess[] = []

  /** Starts a server of this folder, installing what it needs first, and returns its URL. */
  async start(file: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
    const script = fileURLToPath(new URL(file, import.meta.url))
    if (script.endsWith('server.mjs')) await installBeside(script)
    const child = spawn(process.execPath, script.endsWith('.ts') ? ['--import', 'tsx', script] : [script], {
      env: { ...process.env, ...env, NODE_ENV: 'production' },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    return `http://127.0.0.1:${await this.take(child, /LISTENING (\d+)/)}/graphql`
  }

  /** A process that is stopped with the others; what it says of itself where the pattern has its parentheses. */
  async take(child: ChildProcess, pattern: RegExp): Promise<string> {
    this.children.push(child)
    return lineOf(child, pattern)
  }

  async stop(): Promise<void> {
    for (const child of this.children) child.kill('SIGTERM')
    await Promise.all(this.children.map((child) => child.exitCode ?? once(child, 'exit')))
  }
}

async function installBeside(script: string): Promise<void> {
  const cwd = dirname(script)
  if (existsSync(join(cwd, 'node_modules'))) return
  await promisify(execFile)('npm', ['install', '--no-package-lock', '--ignore-scripts'], { cwd })
}
