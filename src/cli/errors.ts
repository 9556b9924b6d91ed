import { CliError } from './cli.js'

/** What to do next, for errors whose own message only says what happened. */
const HINTS: Readonly<Record<string, string>> = {
  CONTROL_UNAVAILABLE: 'It is "control" in goldgate.yaml; "goldgate config check" tries everything that is configured.',
  CONTROL_ERROR:
    'Give the user of "control" in goldgate.yaml what it lacks (it owns the schema goldgate_control); GOLDGATE_DEBUG=1 shows the details.',
  WAREHOUSE_UNAVAILABLE:
    'Check the options of the warehouse in goldgate.yaml and that it is running ("goldgate config check"), then try again.',
  STATEMENT_TIMEOUT: 'Ask for less, or raise gateway.limits.statementTimeoutMs.',
  OUT_OF_MEMORY: 'Give the warehouse more memory (memoryLimitMb of a DuckDB warehouse), then run again.',
  OUT_OF_RANGE: 'Look for amounts in the files that are too large to be true. What was published stays published.',
  WAREHOUSE_ERROR: 'The warehouse refused it; GOLDGATE_DEBUG=1 shows the details. What was published stays published.',
  STORE_UNAVAILABLE:
    'Check the options of the object store in goldgate.yaml and that it can be reached, then run again.',
  ACCESS_DENIED: '"goldgate config check" tries each permission and says how to grant the one that is missing.',
  STORE_ERROR: 'Check the object store (space, permissions) and run again: finished steps are not repeated.',
  NO_GOOD_COPY:
    '"goldgate stores verify --deep" shows what each store holds; bring back a store that had it, or the object from a backup, then run again.',
  CHECKSUM_MISMATCH: 'The file changed while it was read, or the store holds damaged data. Run again.',
  FILE_MISSING: 'Put the file there, or state another folder with --data or in goldgate.yaml.',
  FILE_UNREADABLE: 'Check the file and its format in source.yaml; "goldgate source test" tries it without publishing.',
  FILE_EMPTY: 'Have the file delivered again. What was published stays published.',
  COLUMN_UNKNOWN: 'Correct the columns in source.yaml; "goldgate source test" tries it without publishing.',
  TEMPLATE_INVALID: 'Correct the file; "goldgate sql MODEL" compiles a model without running anything.',
  MODEL_INVALID: 'The declarations are in models/gold; docs/extending.md says what each part means.',
  MAPPING_INVALID: 'Correct the mapping; "goldgate source test" tries it without publishing.',
  OPERATION_INVALID: 'Correct each file that is named; docs/rest.md says what one looks like.',
  OPERATIONS_FOLDER_MISSING: 'Make it, or correct gateway.operations in goldgate.yaml.',
  CONFORM_FAILED: '"goldgate source test" tries the source without publishing; GOLDGATE_DEBUG=1 shows the details.',
  EADDRINUSE: 'Another program listens there: choose another port with PORT=4001 or gateway.port in goldgate.yaml.',
  EACCES: 'Give the user that runs Goldgate access to it, or choose another GOLDGATE_HOME.',
  ENOSPC: 'Make space on the disk and run again: finished steps are not repeated.',
  ECONNREFUSED: 'Check that the server is running and that host and port in goldgate.yaml are right.',
}

const UNEXPECTED = 'This was not expected: GOLDGATE_DEBUG=1 shows where it came from.'

/** `CODE: what happened, and what to do next`, as one paragraph without a stack trace. */
export function errorText(error: unknown): string {
  const code = codeOf(error)
  const message = messageOf(error)
  const hint = code === undefined ? UNEXPECTED : HINTS[code]
  return `${code ?? 'UNEXPECTED'}: ${place(error)}${sentence(message)}${hint === undefined ? '' : ` ${hint}`}`
}

/** Everything there is, for GOLDGATE_DEBUG=1. */
export function errorDetails(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const inner = error instanceof AggregateError ? error.errors.map((each) => `\n${errorDetails(each)}`).join('') : ''
  const cause = error.cause === undefined ? '' : `\nCaused by: ${errorDetails(error.cause)}`
  return `${error.stack ?? error.message}${inner}${cause}`
}

export function exitCodeOf(error: unknown): number {
  return error instanceof CliError ? error.exitCode : 1
}

function codeOf(error: unknown): string | undefined {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0])
  return undefined
}

/** A refused connection to a name with several addresses has its message in the parts only. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.message !== '') return error.message
  if (error instanceof AggregateError) return error.errors.map(messageOf).join('; ')
  return error.name
}

/** A file of a mapping with line and column, where the error has them and its message does not. */
function place(error: unknown): string {
  if (!(error instanceof Error) || !('where' in error) || typeof error.where !== 'object' || error.where === null)
    return ''
  const { file, line, position } = error.where as { file?: unknown; line?: unknown; position?: unknown }
  if (typeof file !== 'string' || error.message.includes(file)) return ''
  const numbers = [line, position].filter((part) => typeof part === 'number')
  return `${[file, ...numbers].join(':')}: `
}

/** The message with a full stop, unless it ends with a mark of its own. */
export function sentence(message: string): string {
  const text = message.trimEnd()
  return /[.!?:)"'\n]$/.test(text) || text.includes('\n') ? text : `${text}.`
}
