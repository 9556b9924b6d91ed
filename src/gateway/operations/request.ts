import { GoldgateError } from '../../../resolvers/index.js'
import { type PageParameter, pageParameters } from './document.js'
import { contentTypes, type FormatName, type FormatOptions, formatNames } from './formats/format.js'
import { invalid, variableValue } from './parameters.js'
import type { StoredOperation } from './stored-operation.js'

/** What a client asks of a table: its variables, as GraphQL's JSON, and how the rows are written. */
export interface TableRequest {
  readonly variables: Readonly<Record<string, unknown>>
  readonly page: PageRequest
  readonly options: FormatOptions
}

export type PageRequest = Readonly<{
  limit?: number | undefined
  after?: string | undefined
  warehouse?: string | undefined
  build?: string | undefined
}>

const ofFormats = ['decimals', 'bom'] as const

/** Reads the query of a URL. Throws BAD_USER_INPUT, which names the parameter, and what there is where it is unknown. */
export function readRequest(operation: StoredOperation, query: URLSearchParams): TableRequest {
  const { parameters, document } = operation
  const common: readonly string[] = [...pageParameters.filter((each) => document.page[each]), ...ofFormats]
  const variables: Record<string, unknown> = {}
  const given: Record<string, string> = {}
  for (const name of new Set(query.keys())) {
    const values = query.getAll(name)
    const parameter = parameters.find((each) => each.name === name)
    if (parameter) variables[name] = variableValue(parameter, values)
    else if (common.includes(name)) given[name] = only(name, values)
    else throw unknown(name, [...parameters.map((each) => each.name), ...common])
  }
  const missing = parameters.find((each) => each.required && !Object.hasOwn(variables, each.name))
  if (missing) throw invalid(missing.name, `is missing: ${missing.description}`)
  const { decimals = 'string', bom = '0' } = given
  if (decimals !== 'string' && decimals !== 'number') throw invalid('decimals', 'takes string or number')
  if (!['0', '1', 'false', 'true'].includes(bom)) throw invalid('bom', 'takes 1 or 0')
  return {
    variables,
    page: {
      ...pick(given),
      limit: given.limit === undefined ? undefined : rowsOf(given.limit),
    },
    options: { decimals, bom: bom === '1' || bom === 'true' },
  }
}

const pick = ({ after, warehouse, build }: Record<string, string>): PageRequest => ({ after, warehouse, build })

function only(name: string, values: readonly string[]): string {
  const [value = '', ...more] = values
  if (more.length > 0) throw invalid(name, `is given ${values.length} times, and takes one value`)
  return value
}

function rowsOf(text: string): number {
  if (!/^-?\d{1,15}$/.test(text))
    throw invalid('limit', `takes a whole number, not ${JSON.stringify(text.slice(0, 60))}`)
  if (Number(text) < 1) throw invalid('limit', 'is at least 1: leave it out for as many rows as there are by default')
  return Number(text)
}

function unknown(name: string, known: readonly string[]): GoldgateError {
  const shown = JSON.stringify(name.slice(0, 60))
  return new GoldgateError('BAD_USER_INPUT', `There is no parameter ${shown}. There are: ${known.join(', ')}.`, {
    details: { parameter: name.slice(0, 60), known },
  })
}

/** The variables of the completed document. */
export function variablesOf(
  page: Readonly<Partial<Record<PageParameter, string>>>,
  variables: Readonly<Record<string, unknown>>,
  given: PageRequest,
): Readonly<Record<string, unknown>> {
  const all: Record<string, unknown> = { ...variables }
  for (const parameter of pageParameters) {
    const variable = page[parameter]
    const value = given[parameter]
    if (value === undefined) continue
    if (variable === undefined) throw invalid(parameter, 'is not taken here: the query itself says it')
    all[variable] = value
  }
  return all
}

/** `revenue/daily.csv` → its operation's path and the format; without an extension the format is what `Accept` prefers, else JSON. */
export function formatOf(
  path: string,
  accept: string | undefined,
): { readonly path: string; readonly format: FormatName } {
  const extension = formatNames.find((name) => path.endsWith(`.${name}`))
  if (extension) return { path: path.slice(0, -extension.length - 1), format: extension }
  return { path, format: accepted(accept ?? '') ?? 'json' }
}

function accepted(accept: string): FormatName | undefined {
  const wanted = accept.split(',').map((part) => {
    const [type = '', ...parameters] = part
      .toLowerCase()
      .split(';')
      .map((each) => each.trim())
    const q = parameters.find((each) => each.startsWith('q='))
    return { type, weight: q === undefined ? 1 : Number(q.slice(2)) || 0 }
  })
  const known = wanted.flatMap(({ type, weight }) => {
    const format = formatNames.find((name) => contentTypes[name].startsWith(`${type};`) || contentTypes[name] === type)
    return format && weight > 0 ? [{ format, weight }] : []
  })
  return known.sort((a, b) => b.weight - a.weight)[0]?.format
}
