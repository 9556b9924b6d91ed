import type { GoldModel } from '../../models/types.js'
import { claimNameOf, type RowRule } from '../../resolvers/access/definition.js'
import { canBeRuled, ruleValue } from '../../resolvers/access/rule-value.js'
import { named, viewsOf } from '../../resolvers/access/view.js'
import type { AuthenticationFile } from './authentication-schema.js'
import type { KeyPath, Problem } from './document.js'
import { didYouMean, oneOf } from './nearest.js'
import type { RolesFile } from './roles-schema.js'
import type { ProfileFile } from './schema.js'

type RoleFile = RolesFile[string]

/** What is wrong with the roles of a profile and with the places that name one, given the models that there are. `base` is the profile's key. */
export function roleProblems({ roles, gateway }: ProfileFile, models: readonly GoldModel[], base: KeyPath): Problem[] {
  return [
    ...Object.entries(roles).flatMap(([name, role]) => [
      ...new RoleCheck(role, models, [...base, 'roles', name]).problems(name),
      ...looserLimits(role, gateway.limits, [...base, 'roles', name, 'limits']),
    ]),
    ...roleNameProblems(roles, gateway.authentication, [...base, 'gateway', 'authentication']),
  ]
}

function looserLimits(role: RoleFile, gateway: ProfileFile['gateway']['limits'], base: KeyPath): Problem[] {
  return Object.entries(role.limits).flatMap(([key, limit]) => {
    const most = gateway[key as keyof RoleFile['limits']]
    if (limit === undefined || most === undefined || limit <= most) return []
    const message = `is more than the ${most} of gateway.limits.${key}: a role can be held to less, never to more`
    return [{ path: [...base, key], message }]
  })
}

/** The built-in role is named where it is meant, never by chance: of a token it must be mapped to. */
function roleNameProblems(roles: RolesFile, given: AuthenticationFile, base: KeyPath): Problem[] {
  const names = [...Object.keys(roles), 'unrestricted']
  const unknown = (name: string | undefined, path: KeyPath): Problem[] =>
    name === undefined || names.includes(name)
      ? []
      : [{ path: [...base, ...path], message: `there is no role "${name}"${oneOf(name, names)}` }]
  return [
    ...unknown(given.anonymous, ['anonymous']),
    ...unknown(given.jwt?.defaultRole, ['jwt', 'defaultRole']),
    ...Object.entries(given.jwt?.roles ?? {}).flatMap(([value, name]) => unknown(name, ['jwt', 'roles', value])),
  ]
}

class RoleCheck {
  constructor(
    private readonly role: RoleFile,
    private readonly models: readonly GoldModel[],
    private readonly path: KeyPath,
  ) {}

  problems(name: string): Problem[] {
    const { models = [], rows, hide } = this.role
    const found = [
      ...models.flatMap((model, i) => this.unknownModel(model, ['models', i])),
      ...Object.entries(rows).flatMap(([key, rule]) => this.rule(key, rule)),
      ...hide.flatMap((key, i) => this.hidden(key, ['hide', i])),
    ]
    if (found.length > 0 || viewsOf({ name, ...this.role }, this.models).size > 0) return found
    return [this.problem([], 'sees no model: each one lacks a dimension that "rows" names, or is not in "models"')]
  }

  private rule(key: string, rule: RowRule): Problem[] {
    const at = ['rows', key]
    const unknown = this.unknownColumn(key, at)
    if (unknown.length > 0) return unknown
    const columns = this.columnsOf(key)
    const dimensions = columns.filter(({ column: { role, type } }) => role === 'dimension' && canBeRuled(type))
    if (dimensions.length < columns.length)
      return [
        this.problem(
          at,
          'is no dimension of text, whole numbers, dates or a closed list: rows are told by those',
          true,
        ),
      ]
    const values = [...(rule.eq === undefined ? [] : [rule.eq]), ...[rule.in ?? []].flat()]
    return [
      ...values.flatMap((value) => {
        if (claimNameOf(value) !== undefined) return []
        const wrong = dimensions.find(({ column }) => ruleValue(column.type, value) === undefined)
        if (!wrong) return []
        const { model, column } = wrong
        const takes = column.type.kind === 'enum' ? `one of ${column.type.values.join(', ')}` : column.type.kind
        return [
          this.problem(
            at,
            `${JSON.stringify(value)} is no value of ${model.name}.${column.name}, which takes ${takes}`,
          ),
        ]
      }),
      ...(rule.visibleWithout ?? []).flatMap((name, i) => this.visibleWithout(key, name, [...at, 'visibleWithout', i])),
    ]
  }

  private visibleWithout(key: string, name: string, at: KeyPath): Problem[] {
    const unknown = this.unknownModel(name, at)
    const has = this.columnsOf(key).some(({ model }) => model.name === name)
    return has ? [this.problem(at, `${name} has ${key}: the rule holds there`)] : unknown
  }

  private hidden(key: string, at: KeyPath): Problem[] {
    const unknown = this.unknownColumn(key, at)
    if (unknown.length > 0) return unknown
    const needed = this.columnsOf(key).find(
      ({ model, column }) =>
        model.grain.includes(column.name) || model.defaultOrder.some((term) => term.column === column.name),
    )
    if (!needed) return []
    const { model, column } = needed
    return [
      this.problem(
        at,
        `${column.name} is part of the key or the order of ${model.name}, and so of its cursors: it cannot be hidden. Leave the model out of "models", or name the columns of others as "model.column"`,
      ),
    ]
  }

  private unknownModel(name: string, at: KeyPath): Problem[] {
    const names = this.models.map((model) => model.name)
    return names.includes(name) ? [] : [this.problem(at, `there is no model "${name}"${oneOf(name, names)}`)]
  }

  private unknownColumn(key: string, at: KeyPath): Problem[] {
    if (this.columnsOf(key).length > 0) return []
    const { model, column } = named(key)
    const places = this.models.filter(({ name }) => model === undefined || name === model)
    if (places.length === 0) return this.unknownModel(model ?? '', at)
    const names = [...new Set(places.flatMap(({ columns }) => columns.map(({ name }) => name)))]
    const where = model === undefined ? 'no model has a' : `${model} has no`
    return [this.problem(at, `${where} column "${column}"${didYouMean(column, names)}`, at[0] === 'rows')]
  }

  private columnsOf(key: string) {
    const { model: only, column } = named(key)
    return this.models
      .filter(({ name }) => only === undefined || name === only)
      .flatMap((model) => model.columns.filter(({ name }) => name === column).map((each) => ({ model, column: each })))
  }

  private problem(at: KeyPath, message: string, atKey = false): Problem {
    return { path: [...this.path, ...at], message, ...(atKey && { atKey }) }
  }
}
