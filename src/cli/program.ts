import { Command, CommanderError } from 'commander'
import { type Cli, UsageError } from './cli.js'
import { configCommand } from './commands/config.js'
import { generateCommand } from './commands/generate.js'
import { keysCommand } from './commands/keys.js'
import { parityCommand } from './commands/parity.js'
import { publishCommand } from './commands/publish.js'
import { runCommand } from './commands/run.js'
import { serveCommand } from './commands/serve.js'
import { setupCommand } from './commands/setup.js'
import { sourceCommand } from './commands/source-test.js'
import { sqlCommand } from './commands/sql.js'
import { startCommand } from './commands/start.js'
import { statusCommand } from './commands/status.js'
import { storesCommand } from './commands/stores.js'
import { warehouseCommand } from './commands/warehouse.js'

const AFTER = `
Environment:
  GOLDGATE_HOME     folder that holds all state (default: .goldgate in the current folder)
  GOLDGATE_CONFIG   configuration file (default: goldgate.yaml of the current folder, else the packaged one)
  GOLDGATE_PROFILE  profile of that file
  HOST, PORT        where the gateway listens
  GOLDGATE_DEBUG    1 = errors with everything about where they came from

Exit codes: 0 the job was done, 1 it was not, 2 the command was written wrongly.`

/** Runs one command line (without program and script). Throws what went wrong; help and version are printed and are no error. */
export async function runProgram(cli: Cli, args: readonly string[]): Promise<void> {
  const program = createProgram(cli)
  try {
    await program.parseAsync([...args], { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return
    if (error.code === 'commander.help') throw new UsageError('A command is missing. The help above lists them.')
    throw new UsageError(usageMessage(error, args))
  }
}

function createProgram(cli: Cli): Command {
  const program = new Command('goldgate')
    .description('A GraphQL analytics gateway over several warehouses, with the pipeline that fills them.')
    .version(cli.version, '--version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help of a command')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void cli.stdout.write(text),
      writeErr: (text) => void cli.stderr.write(text),
      // Said once, by whoever ends the process.
      outputError: () => {},
    })
    .configureHelp({ helpWidth: 110, showGlobalOptions: false })
    .addHelpText('after', AFTER)
  const commands = [
    startCommand,
    generateCommand,
    runCommand,
    serveCommand,
    setupCommand,
    configCommand,
    statusCommand,
    publishCommand,
    storesCommand,
    warehouseCommand,
    parityCommand,
    keysCommand,
    sourceCommand,
    sqlCommand,
  ]
  for (const register of commands) register(program, cli)
  return program
}

function usageMessage(error: CommanderError, args: readonly string[]): string {
  const said = error.message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' ')
  const words = args.filter((word) => /^[a-z]+$/.test(word))
  const [first, second] = words
  const known = [
    ...['start', 'generate', 'run', 'serve', 'setup', 'status', 'publish', 'sql', 'source', 'source test'],
    ...['config', 'config show', 'config check', 'stores', 'stores verify'],
    ...['parity', 'warehouse', 'warehouse build', 'keys', 'keys create', 'keys list', 'keys revoke'],
  ]
  const pair = `${first} ${second}`
  const command = known.includes(pair) ? pair : first
  const help = command !== undefined && known.includes(command) ? `goldgate ${command} --help` : 'goldgate --help'
  return `${said}${/[.!?)]$/.test(said) ? '' : '.'} "${help}" shows how it is used.`
}
