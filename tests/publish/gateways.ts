import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { cleanEnvironment, type Ended, run } from '../extension/processes.js'
import type { TestInstallation } from '../setup/installation.js'

const program = fileURLToPath(new URL('../../bin/goldgate.js', import.meta.url))

type Environment = Readonly<Record<string, string>>

export interface GatewayProcess {
  readonly process: ChildProcess
  readonly url: string
  /** What it has written to standard error so far. */
  readonly log: () => string
}

/** `goldgate serve` in a process of its own, as an operator starts it; resolves when it listens. Its log is kept, and shown unless told otherwise. */
export async function startGatewayProcess(
  env: Environment,
  log: 'shown' | 'only kept' = 'shown',
): Promise<GatewayProcess> {
  const child = spawn(process.execPath, [program, 'serve'], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
    if (log === 'shown') process.stderr.write(text)
  })
  const lines = createInterface({ input: child.stdout })
  const url = await new Promise<string>((resolve, reject) => {
    lines.on('line', (line) => {
      const found = /(http:\/\/\S+)\/graphql$/.exec(line)?.[1]
      if (found !== undefined) resolve(found)
    })
    lines.once('close', () => reject(new Error('The gateway ended before it listened')))
  })
  return { process: child, url, log: () => said }
}

/** Another command of the installation, to its end. */
export const goldgate = (
  { folder, env }: TestInstallation,
  args: readonly string[],
  more: Environment = {},
): Promise<Ended> => run(process.execPath, [program, ...args], folder, cleanEnvironment({ ...env, ...more }))

export async function ended({ process }: GatewayProcess): Promise<number | null> {
  if (process.exitCode === null && process.signalCode === null) await once(process, 'exit')
  return process.exitCode
}
