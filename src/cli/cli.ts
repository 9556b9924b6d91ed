import type { DemoFile, GenerateHooks } from '../../pipeline/sources/demo/generate.js'
import type { DemoOptions } from '../../pipeline/sources/demo/options.js'
import type { App } from '../app.js'
import type { Config } from '../config/config.js'
import type { Interruption } from './interruption.js'

/** Where text goes: a process's stream, or a test's. */
export interface TextStream {
  write(text: string): unknown
  readonly isTTY?: boolean
  readonly columns?: number
}

/** Everything that a command has from outside. The heavy parts are loaded when they are called. */
export interface Cli {
  readonly version: string
  /** Absolute. */
  readonly cwd: string
  /** Results. */
  readonly stdout: TextStream
  /** Progress and errors. */
  readonly stderr: TextStream
  readonly interruption: Interruption
  /** Throws ConfigError. */
  loadConfig(): Promise<Config>
  openApp(config: Config): Promise<App>
  generateDemo(options: Partial<DemoOptions>, outDirectory: string, hooks: GenerateHooks): Promise<readonly DemoFile[]>
}

/** The job was not done. `message` says what to do next. */
export class CliError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly exitCode = 1,
    options?: { cause?: unknown },
  ) {
    super(message, options)
    this.name = 'CliError'
  }
}

/** The command was written wrongly: exit code 2. */
export class UsageError extends CliError {
  constructor(message: string) {
    super('USAGE', message, 2)
    this.name = 'UsageError'
  }
}
