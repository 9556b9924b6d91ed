/** Where errors go that clients do not see. */
export interface ErrorLogger {
  error(message: string, fields?: Readonly<Record<string, unknown>>): void
}
