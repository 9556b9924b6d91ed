import type { Dialect } from '../contract/dialect.js'
import { type MacroSpec, macroSpecs, usage } from './macros.js'
import { type Call, errorAt, type Part, parseTemplate, type Template } from './parse.js'

export interface RenderContext {
  readonly dialect: Dialect
  /** The physical table of an entity or system table; undefined when there is none of that name. */
  silver(entity: string): string | undefined
  /** The physical table of a Gold model in the build at hand; undefined when there is none of that name. */
  gold(model: string): string | undefined
}

/** Names that a template refers to, each once, in the order of their first mention. */
export interface References {
  readonly silver: readonly string[]
  readonly gold: readonly string[]
}

const tableMacros = ['silver', 'gold'] as const
const tableParameters: MacroSpec['parameters'] = [{ name: 'name', kind: 'name' }]

/** SQL of one dialect from a template. Throws `TemplateError` for an unknown macro, entity or model and for wrong arguments. */
export function renderTemplate(template: Template, context: RenderContext): { readonly sql: string } & References {
  const parts = parseTemplate(template)
  const sql = parts.map((part) => ('sql' in part ? part.sql : renderCall(template, part.call, context))).join('')
  return { sql, ...referencesOf(template, parts) }
}

/** What a template reads, without rendering it. Throws `TemplateError` where it cannot be parsed. */
export function templateReferences(template: Template): References {
  return referencesOf(template, parseTemplate(template))
}

function referencesOf(template: Template, parts: readonly Part[]): References {
  const calls = parts.flatMap((part) => ('call' in part ? [part.call] : []))
  const namesOf = (macro: string): string[] => [
    ...new Set(
      calls
        .filter((call) => call.macro === macro)
        .map((call) => String(checkedArguments(template, call, tableParameters)[0])),
    ),
  ]
  return { silver: namesOf('silver'), gold: namesOf('gold') }
}

function renderCall(template: Template, call: Call, context: RenderContext): string {
  const table = tableMacros.find((each) => each === call.macro)
  if (table !== undefined) {
    const name = String(checkedArguments(template, call, tableParameters)[0])
    const physical = context[table](name)
    if (physical === undefined)
      throw errorAt(
        template,
        call.offset,
        `There is no ${table === 'silver' ? 'entity' : 'Gold model'} named '${name}'.`,
      )
    return physical
  }
  const spec = macroSpecs.get(call.macro)
  if (spec === undefined) {
    const known = [
      ...tableMacros.map((each) => usage(each, tableParameters)),
      ...[...macroSpecs].map(([name, each]) => usage(name, each.parameters)),
    ]
    throw errorAt(template, call.offset, `There is no macro '${call.macro}'. There are: ${known.join(', ')}.`)
  }
  try {
    return spec.render(context.dialect, checkedArguments(template, call, spec.parameters))
  } catch (error) {
    if (error instanceof RangeError) throw errorAt(template, call.offset, error.message)
    throw error
  }
}

function checkedArguments(template: Template, call: Call, parameters: MacroSpec['parameters']): (string | number)[] {
  const how = usage(call.macro, parameters)
  if (call.args.length !== parameters.length)
    throw errorAt(template, call.offset, `${how} takes ${parameters.length} arguments, not ${call.args.length}.`)
  return call.args.map((arg, index) => {
    const parameter = parameters[index]
    const wanted = parameter?.kind === 'scale' ? 'number' : 'text'
    if (arg.kind !== wanted)
      throw errorAt(
        template,
        arg.offset,
        `${how}: ${parameter?.name} is ${wanted === 'number' ? 'a whole number without quotes' : 'written in single quotes'}.`,
      )
    if (arg.kind === 'text' && arg.value.trim() === '')
      throw errorAt(template, arg.offset, `${how}: ${parameter?.name} is empty.`)
    return arg.value
  })
}
