import { createHash } from 'node:crypto'
import type { GoldModel } from '../../models/types.js'
import type { Filter } from '../../warehouses/compiler/query.js'
import type { Value } from '../../warehouses/contract/values.js'
import { GoldgateError } from '../errors/goldgate-error.js'
import type { Limits } from '../limits/limits.js'
import { tightened } from '../limits/tightened.js'
import type { Access } from './access.js'
import { type Claims, claimNameOf, type RoleDefinition } from './definition.js'
import { ruleValue } from './rule-value.js'
import { type ModelView, viewsOf } from './view.js'

/** No row at all. */
const nothing: Filter = { or: [] }

/** A role of the configuration: what its callers see of the schema, and what each of them may read. */
export class Role {
  readonly name: string
  /** The models that it sees, by name. */
  readonly views: ReadonlyMap<string, ModelView>
  /** The models that it sees, without the columns that it does not. */
  readonly models: readonly GoldModel[]
  /** It sees every row and column of every model, and so may ask what is told of all rows together. */
  readonly whole: boolean
  readonly limits: Limits
  private readonly version: string
  private readonly claims: readonly string[]
  /** Of all its callers alike, where no rule reads a claim. */
  private same: Access | undefined

  constructor(definition: RoleDefinition, models: readonly GoldModel[], gateway: Limits) {
    this.name = definition.name
    this.views = viewsOf(definition, models)
    const views = [...this.views.values()]
    this.whole = views.length === models.length && views.every(({ hidden, rules }) => hidden.size + rules.length === 0)
    this.models = views.map(({ model, hidden }) => ({
      ...model,
      columns: model.columns.filter(({ name }) => !hidden.has(name)),
    }))
    this.limits = tightened(gateway, definition.limits)
    this.version = createHash('sha256').update(JSON.stringify(definition)).digest('base64url').slice(0, 16)
    const values = Object.values(definition.rows).flatMap((rule) => [rule.eq, ...[rule.in].flat()])
    this.claims = [...new Set(values.flatMap((value) => claimNameOf(value) ?? []))].sort()
  }

  /** What a caller of this role may read. Throws FORBIDDEN where a claim that a rule reads is missing or is no value of its dimension. */
  access(claims: Claims): Access {
    if (this.claims.length > 0) return this.accessOf(claims)
    this.same ??= this.accessOf(claims)
    return this.same
  }

  private accessOf(claims: Claims): Access {
    const read = this.claims.map((name) => [name, this.claim(claims, name)] as const)
    const values = new Map(read)
    const filters = new Map(
      [...this.views].map(([name, view]) => [name, view.rules.map((rule) => this.filter(view, rule, values))]),
    )
    const sources = this.sources(filters)
    return {
      role: this.name,
      key: JSON.stringify([this.name, this.version, ...read]),
      limits: this.limits,
      whole: this.whole,
      ...(sources && { sources }),
      rows(model) {
        const own = filters.get(model)
        if (!own) return nothing
        return own.length > 1 ? { and: own } : own[0]
      },
    }
  }

  private claim(claims: Claims, name: string): unknown {
    const value = Object.hasOwn(claims, name) ? claims[name] : undefined
    if (value === undefined || value === null || value === '')
      throw new GoldgateError(
        'FORBIDDEN',
        `The role ${this.name} reads the claim ${name}, which your key or token does not carry. Ask for one that does.`,
      )
    return value
  }

  private filter(
    { model }: ModelView,
    { column, rule }: ModelView['rules'][number],
    claims: Map<string, unknown>,
  ): Filter {
    const type = model.columns.find(({ name }) => name === column)?.type
    const plain = (given: unknown): unknown => {
      const claim = claimNameOf(given)
      return claim === undefined ? given : claims.get(claim)
    }
    const stored = (given: unknown): NonNullable<Value> => {
      const value = type && ruleValue(type, given)
      if (value !== undefined) return value
      throw new GoldgateError(
        'FORBIDDEN',
        `A claim of your key or token is no value of ${column}, by which the role ${this.name} tells which rows it may read. Ask for another one.`,
      )
    }
    if (rule.in === undefined) return { column, op: 'eq', value: stored(plain(rule.eq)) }
    const list = Array.isArray(rule.in) ? rule.in : [rule.in]
    return { column, op: 'in', values: list.flatMap((each) => plain(each)).map(stored) }
  }

  /** The sources that the rules leave of every model; undefined where they do not tell. */
  private sources(filters: ReadonlyMap<string, readonly Filter[]>): readonly string[] | undefined {
    const left = [...filters.values()].map((each) => {
      const rules = each.filter((filter) => 'column' in filter && filter.column === 'source')
      return rules.length === 0
        ? undefined
        : rules.map(valuesOf).reduce((some, more) => some.filter((value) => more.includes(value)))
    })
    const told = left.filter((each) => each !== undefined)
    return told.length < left.length ? undefined : [...new Set(told.flat())]
  }
}

function valuesOf(filter: Filter): readonly string[] {
  if ('values' in filter) return filter.values.map(String)
  return 'value' in filter ? [String(filter.value)] : []
}
