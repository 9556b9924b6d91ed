import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

export interface ServerCommand {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly port: number
  /** Path that answers 200 once requests are served. */
  readonly healthPath: string
  /** What it writes. Kept when it is started again. */
  readonly logFile: string
}

const startSeconds = 60
const stopSeconds = 10

/**
 * One real server program on one port of 127.0.0.1. It may be killed and started again on the same port and data. It ends with this process,
 * however that ends.
 */
export class Server {
  #child: ChildProcess | undefined

  constructor(private readonly what: ServerCommand) {}

  get name(): string {
    return this.what.name
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.what.port}`
  }

  get logFile(): string {
    return this.what.logFile
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** Resolves when it serves requests; throws, with the end of its log, when it does not come up. */
  async start(): Promise<void> {
    if (this.#child !== undefined) throw new Error(`${this.name} is running already.`)
    const { command, args, env, port, logFile } = this.what
    // Whoever has it would answer in this server's place.
    if (!(await isFree(port))) throw new Error(`${this.name} did not start: another program has port ${port}.`)
    const log = openSync(logFile, 'a')
    const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', log, log] })
    closeSync(log)
    this.#child = child
    let failure: string | undefined
    child.once('error', (error) => {
      failure = error.message
    })
    child.once('exit', (code, signal) => {
      failure ??= `it ended with ${signal ?? code}`
      if (this.#child === child) this.#child = undefined
      watchdog?.kill('SIGKILL')
    })
    const watchdog = child.pid === undefined ? undefined : endWithUs(child.pid)
    const deadline = Date.now() + startSeconds * 1000
    while (failure !== undefined || !(await this.answers())) {
      if (Date.now() > deadline) failure ??= `it does not answer after ${startSeconds} s`
      if (failure !== undefined) {
        await this.kill()
        throw new Error(
          `${this.name} did not start: ${failure}. Its log, ${logFile}, ends with:\n${await this.logEnd()}`,
        )
      }
      await wait(20)
    }
  }

  /** Asks it to end, and kills it where it does not. */
  stop(): Promise<void> {
    return this.end('SIGTERM')
  }

  /** As a power cut would end it. Resolves when it is gone. */
  kill(): Promise<void> {
    return this.end('SIGKILL')
  }

  /** Freezes it, so that its clients wait, until `resume`. */
  pause(): void {
    this.#child?.kill('SIGSTOP')
  }

  resume(): void {
    this.#child?.kill('SIGCONT')
  }

  private async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#child
    if (child?.pid === undefined) {
      this.#child = undefined
      return
    }
    const gone = once(child, 'exit')
    child.kill(signal)
    const timer = setTimeout(() => child.kill('SIGKILL'), stopSeconds * 1000)
    await gone
    clearTimeout(timer)
  }

  private async answers(): Promise<boolean> {
    try {
      const answer = await fetch(this.endpoint + this.what.healthPath, { signal: AbortSignal.timeout(2000) })
      await answer.arrayBuffer()
      return answer.ok
    } catch {
      return false
    }
  }

  private async logEnd(): Promise<string> {
    return (await readFile(this.what.logFile, 'utf8')).slice(-2000)
  }
}

/**
 * A shell that waits on a pipe of this process, and kills `pid` when the pipe breaks: vitest ends workers by a signal, after which no handler of
 * theirs runs. In a process group of its own, so that Ctrl-C does not end it first.
 */
function endWithUs(pid: number): ChildProcess {
  const script = `read -r _; kill -9 ${pid}`
  const watchdog = spawn('sh', ['-c', script], { stdio: ['pipe', 'ignore', 'ignore'], detached: true })
  watchdog.once('error', () => undefined)
  watchdog.unref()
  return watchdog
}

/** A port of 127.0.0.1 that nobody listens on now. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (address === null || typeof address === 'string') throw new Error('The system gave no port.')
  return address.port
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer().listen(port, '127.0.0.1')
  try {
    await once(probe, 'listening')
  } catch {
    return false
  }
  probe.close()
  await once(probe, 'close')
  return true
}
