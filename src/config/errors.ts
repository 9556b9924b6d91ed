export type ConfigErrorCode =
  /** GOLDGATE_CONFIG names a file that is not there or cannot be read. */
  | 'CONFIG_NOT_FOUND'
  | 'CONFIG_INVALID'
  | 'PROFILE_UNKNOWN'
  /** A name that the configuration or the catalogue does not hold; the message lists the ones there are. */
  | 'SOURCE_UNKNOWN'
  | 'STORE_UNKNOWN'
  | 'WAREHOUSE_UNKNOWN'
  | 'MODEL_UNKNOWN'
  /** Nothing was landed yet. */
  | 'NOTHING_TO_BUILD'
  /** Sources of different reporting currencies in one installation. */
  | 'CURRENCIES_DIFFER'

/** `message` names every key concerned with its place, and says what to do. It never holds the value of a secret. */
export class ConfigError extends Error {
  constructor(
    readonly code: ConfigErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options)
    this.name = 'ConfigError'
  }

  /** One line for each problem, with its place. */
  static invalid(problems: readonly string[]): ConfigError {
    const heading = `The configuration ${problems.length === 1 ? 'is not valid' : `has ${problems.length} mistakes`}`
    return new ConfigError('CONFIG_INVALID', `${heading}:\n${problems.map((each) => `  ${each}`).join('\n')}`)
  }
}
