export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** The message with a full stop, unless it ends with a mark of its own. */
export function sentenceOf(error: unknown): string {
  const message = error instanceof Error ? error.message || error.name : String(error)
  return /[.!?]$/.test(message) ? message : `${message}.`
}
