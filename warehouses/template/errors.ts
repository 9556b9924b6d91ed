/** A mistake in a SQL template. The message starts with `file:line:column` (both from 1) and says what may stand there. */
export class TemplateError extends Error {
  readonly code = 'TEMPLATE_INVALID'

  constructor(
    readonly file: string,
    readonly line: number,
    readonly column: number,
    detail: string,
  ) {
    super(`${file}:${line}:${column}: ${detail}`)
    this.name = 'TemplateError'
  }
}
