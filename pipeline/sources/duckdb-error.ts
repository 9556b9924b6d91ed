import { z } from 'zod'

const reported = z.object({
  exception_type: z.string().optional(),
  exception_message: z.string(),
  position: z.coerce.number().int().nonnegative().optional(),
  error_subtype: z.string().optional(),
})

export interface DuckDbError {
  readonly message: string
  /** In bytes. */
  readonly offset?: number
  /** `Conversion`, `Out of Memory`, `IO`, …; absent where the engine does not say. */
  readonly kind?: string
}

/** An error of DuckDB over `sql`, which reports JSON after `SET errors_as_json = true`. */
export function readDuckDbError(error: unknown, sql = ''): DuckDbError {
  const text = error instanceof Error ? error.message : String(error)
  const start = text.indexOf('{')
  if (start < 0) return { message: text }
  try {
    const parsed = reported.parse(JSON.parse(text.slice(start)))
    const kind = parsed.exception_type === undefined ? {} : { kind: parsed.exception_type }
    const message = parsed.exception_message.trim()
    if (parsed.position === undefined) return { message, ...kind }
    // The parser counts characters, everything behind it bytes.
    const characters = parsed.error_subtype === 'SYNTAX_ERROR'
    const offset = characters ? Buffer.byteLength([...sql].slice(0, parsed.position).join('')) : parsed.position
    return { message, offset, ...kind }
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
