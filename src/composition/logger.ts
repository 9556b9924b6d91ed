import { type LogLevel, logLevels } from '../config/schema.js'
import type { GatewayLogger } from '../gateway/logger.js'

/** One JSON line an event on standard error, from `level` upwards. */
export function createLogger(
  level: LogLevel,
  write: (line: string) => void = (line) => process.stderr.write(line),
): GatewayLogger {
  const isHeard = (severity: LogLevel) => logLevels.indexOf(severity) <= logLevels.indexOf(level)
  const log =
    (severity: LogLevel) =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}) => {
      if (!isHeard(severity)) return
      write(`${JSON.stringify({ time: new Date().toISOString(), level: severity, message, ...fields })}\n`)
    }
  return {
    // A line for each request is not put together for nobody.
    ...(isHeard('debug') && { debug: log('debug') }),
    ...{ info: log('info'), warn: log('warn'), error: log('error') },
  }
}
