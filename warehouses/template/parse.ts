import { TemplateError } from './errors.js'

/** SQL text with `{{ macro(arguments) }}` calls in it; `file` names it in errors. */
export interface Template {
  readonly file: string
  readonly text: string
}

/** What a macro is given: SQL text (quotes taken off) or a whole number. */
type Argument = { readonly kind: 'text'; readonly value: string } | { readonly kind: 'number'; readonly value: number }

export interface Call {
  readonly macro: string
  readonly args: readonly (Argument & { readonly offset: number })[]
  /** Of the macro's name in the template's text. */
  readonly offset: number
}

export type Part = { readonly sql: string } | { readonly call: Call }

/** What is copied as it is: text without any sign, and what a brace or a quote means nothing in: strings, quoted identifiers and comments. */
const opaque = /[^'"{}/-]+|'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\//y

/** Splits a template into SQL and macro calls. Throws `TemplateError`. */
export function parseTemplate(template: Template): Part[] {
  const { text } = template
  const parts: Part[] = []
  let start = 0
  let at = 0
  while (at < text.length) {
    opaque.lastIndex = at
    if (opaque.test(text)) {
      at = opaque.lastIndex
    } else if (text.startsWith('{{', at)) {
      if (at > start) parts.push({ sql: text.slice(start, at) })
      const { call, end } = parseCall(template, at + 2)
      parts.push({ call })
      at = start = end
    } else if (text.startsWith('}}', at)) {
      throw errorAt(template, at, 'There is no {{ for this }}.')
    } else {
      at += 1
    }
  }
  if (start < text.length) parts.push({ sql: text.slice(start) })
  return parts
}

/** An error at a place of the template's text. */
export function errorAt(template: Template, offset: number, detail: string): TemplateError {
  const before = template.text.slice(0, offset).split('\n')
  return new TemplateError(template.file, before.length, (before.at(-1) ?? '').length + 1, detail)
}

function parseCall(template: Template, from: number): { call: Call; end: number } {
  let at = from
  const read = (pattern: RegExp): string | undefined => {
    const sticky = new RegExp(pattern.source, 'y')
    sticky.lastIndex = at
    const found = sticky.exec(template.text)?.[0]
    if (found !== undefined) at += found.length
    return found
  }
  const expected = (what: string): TemplateError =>
    errorAt(template, at, `Expected ${what} here, as in {{ macro('sql', 2) }}.`)

  read(/\s*/)
  const offset = at
  const macro = read(/[a-z_]+/)
  if (macro === undefined) throw expected('the name of a macro')
  read(/\s*/)
  if (read(/\(/) === undefined) throw expected(`( after ${macro}`)
  const args: Call['args'][number][] = []
  for (;;) {
    read(/\s*/)
    if (args.length === 0 && read(/\)/) !== undefined) break
    const place = at
    const quoted = read(/'(?:[^']|'')*'/)
    const digits = quoted === undefined ? read(/\d+/) : undefined
    if (quoted !== undefined)
      args.push({ kind: 'text', value: quoted.slice(1, -1).replaceAll("''", "'"), offset: place })
    else if (digits !== undefined) args.push({ kind: 'number', value: Number(digits), offset: place })
    else throw expected('SQL in single quotes or a whole number')
    read(/\s*/)
    if (read(/\)/) !== undefined) break
    if (read(/,/) === undefined) throw expected(', or )')
  }
  read(/\s*/)
  if (read(/\}\}/) === undefined) throw expected('}}')
  return { call: { macro, args, offset }, end: at }
}
