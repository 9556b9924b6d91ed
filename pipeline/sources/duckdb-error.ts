import { z } from 'zod'

const reported = z.object({
  exception_type: z.string().optional(),
  exception_message: z.string(),
  /** In bytes from the start of the statement. */
  position: z.coerce.number().int().nonnegative().optional(),
})

/** An error of DuckDB, which reports JSON after `SET errors_as_json = true`. */
export function readDuckDbError(error: unknown): { readonly message: string; readonly offset?: number } {
  const text = error instanceof Error ? error.message : String(error)
  const start = text.indexOf('{')
  if (start < 0) return { message: text }
  try {
    const parsed = reported.parse(JSON.parse(text.slice(start)))
    const message = parsed.exception_message.trim()
    return parsed.position === undefined ? { message } : { message, offset: parsed.position }
  } catch {
    return { message: text }
  }
}

/** Line and column (from 1, in characters) of a byte offset. */
export function positionAt(text: string, offset: number): { readonly line: number; readonly position: number } {
  const before = Buffer.from(text, 'utf8').subarray(0, offset).toString('utf8')
  const lines = before.split('\n')
  return { line: lines.length, position: (lines.at(-1)?.length ?? 0) + 1 }
}
