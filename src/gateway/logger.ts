/** What the gateway logs to. Fields hold no values of requests or rows, and no secrets. */
export interface GatewayLogger {
  /** One line for each request: method, path without its query, status and milliseconds. */
  debug?(message: string, fields?: Readonly<Record<string, unknown>>): void
  info(message: string, fields?: Readonly<Record<string, unknown>>): void
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void
  error(message: string, fields?: Readonly<Record<string, unknown>>): void
}

/** Where errors of one request go: each line names it. */
export function errorsOf(logger: Pick<GatewayLogger, 'error'>, requestId: string): Pick<GatewayLogger, 'error'> {
  return { error: (message, fields) => logger.error(message, { requestId, ...fields }) }
}
