import { spawn } from 'node:child_process'

/** A command that could not be run or ended badly; the message says what to do where that is known. */
class CommandError extends Error {}

/**
 * Runs a command to its end and gives back what it wrote to its standard output. `needs` says, for a person, what to install when the command
 * is not on this machine.
 */
export function runCommand(
  command: string,
  args: readonly string[],
  options: { readonly needs: string; readonly cwd?: string; readonly env?: NodeJS.ProcessEnv },
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: options.cwd, env: { ...process.env, ...options.env }, stdio: 'pipe' })
    let out = ''
    let err = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err = (err + text).slice(-4000)
    })
    child.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'ENOENT'
          ? new CommandError(`There is no command "${command}" on this machine: ${options.needs}`)
          : error,
      ),
    )
    child.once('close', (code, signal) => {
      if (code === 0) resolve(out)
      else reject(new CommandError(`"${command} ${args.join(' ')}" ended with ${signal ?? code}:\n${err || out}`))
    })
  })
}
