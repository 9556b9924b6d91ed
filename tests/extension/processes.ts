import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

export interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  /** Both streams, for a message. */
  readonly output: string
}

/** The environment of a process that knows nothing of the test run it is started from. */
export function cleanEnvironment(added: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(VITEST|GIT_|GOLDGATE_|NODE_ENV|PORT$|HOST$)/.test(name),
  )
  return { ...Object.fromEntries(inherited), ...added }
}

/** Runs a program to its end, whatever its exit code. */
export function run(file: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<Ended> {
  return new Promise((resolve, reject) => {
    execFile(file, args, { cwd, env, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code
      if (typeof code === 'number') resolve({ code, stdout, stderr, output: `${stdout}${stderr}` })
      else reject(error)
    })
  })
}

/** A server, from the line that says its URL to its end. */
export async function serving<T>(
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
  work: (url: string) => Promise<T>,
): Promise<T> {
  const server = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = once(server, 'exit')
  try {
    let said = ''
    server.stderr.on('data', (text) => {
      said += text
    })
    for await (const line of createInterface({ input: server.stdout })) {
      said += `${line}\n`
      const url = /http:\/\/\S+\/graphql/.exec(line)?.[0]
      if (url === undefined) continue
      server.stdout.resume()
      return await work(url)
    }
    throw new Error(`The server ended before it listened:\n${said}`)
  } finally {
    server.kill('SIGTERM')
    await ended
  }
}
