import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { formatStop, type Stop } from './stops.js'

export interface RunnerResult {
  /** Durable writes that were made, `name subject`. */
  readonly writes: readonly string[]
  /** Whether the runner came to the stop. */
  readonly stopped: boolean
  /** The line that begins with END or ERROR, when it ran to its end. */
  readonly end: string | undefined
}

export interface Runner {
  readonly process: ChildProcess
  /** Resolves when the runner waits at its stop; false when it ended before. */
  readonly atStop: Promise<boolean>
  /** Resolves when the process is gone. */
  readonly result: Promise<RunnerResult>
}

/** Starts one run in a process of its own. `onEvent` is told each event of it, `step state`. */
export function startRunner(
  env: Readonly<Record<string, string>>,
  stop?: Stop,
  onEvent: (event: string) => void = () => {},
): Runner {
  const script = fileURLToPath(new URL('../../.vitest/compiled/runner.js', import.meta.url))
  const child = spawn(process.execPath, [script, ...(stop ? [formatStop(stop)] : [])], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const writes: string[] = []
  let end: string | undefined
  let stopped = false
  const lines = createInterface({ input: child.stdout })
  const exited = once(child, 'exit')
  const reached = new Promise<boolean>((done) => {
    lines.on('line', (line) => {
      if (line.startsWith('WRITE ')) writes.push(line.slice(6))
      else if (line.startsWith('EVENT ')) onEvent(line.slice(6))
      else if (line === 'STOPPED') {
        stopped = true
        done(true)
      } else if (line.startsWith('END ') || line.startsWith('ERROR ')) end = line
    })
    lines.once('close', () => done(false))
  })
  const closed = once(lines, 'close')
  const result = Promise.all([exited, closed]).then(() => ({ writes, stopped, end }))
  return { process: child, atStop: reached, result }
}

/** Runs to the stop and kills the process there with SIGKILL. */
export async function killAt(env: Readonly<Record<string, string>>, stop: Stop): Promise<RunnerResult> {
  const runner = startRunner(env, stop)
  await runner.atStop
  runner.process.kill('SIGKILL')
  return runner.result
}

/** Kills with SIGKILL after so many milliseconds, wherever the runner is then. */
export async function killAfter(env: Readonly<Record<string, string>>, milliseconds: number): Promise<RunnerResult> {
  const runner = startRunner(env)
  const timer = setTimeout(() => runner.process.kill('SIGKILL'), milliseconds)
  const result = await runner.result
  clearTimeout(timer)
  return result
}

export async function runToEnd(env: Readonly<Record<string, string>>): Promise<RunnerResult> {
  return startRunner(env).result
}
