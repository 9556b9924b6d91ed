import type { GoldModel } from '../../models/types.js'
import type { RoleDefinition, RowRule } from './definition.js'

/** What a role sees of one model. */
export interface ModelView {
  readonly model: GoldModel
  readonly hidden: ReadonlySet<string>
  /** All must hold. The column may be hidden. */
  readonly rules: readonly { readonly column: string; readonly rule: RowRule }[]
}

/** `customer_lifetime_value.email` names a column of one model, `email` that of every model that has it. */
export function named(key: string): { readonly model: string | undefined; readonly column: string } {
  const dot = key.indexOf('.')
  return dot < 0 ? { model: undefined, column: key } : { model: key.slice(0, dot), column: key.slice(dot + 1) }
}

const has = (model: GoldModel, column: string): boolean => model.columns.some(({ name }) => name === column)

/** The models that a role sees, by name, with what it sees of each. What the definition does not show is not there. */
export function viewsOf(role: RoleDefinition, models: readonly GoldModel[]): ReadonlyMap<string, ModelView> {
  const rules = Object.entries(role.rows).map(([key, rule]) => ({ ...named(key), rule }))
  const hidden = role.hide.map(named)
  const views = models.flatMap((model): ModelView[] => {
    if (role.models !== undefined && !role.models.includes(model.name)) return []
    const concerns = rules.filter((each) => each.model === undefined || each.model === model.name)
    const own = concerns.filter(({ column }) => has(model, column))
    const lacking = concerns.filter((each) => !own.includes(each))
    // Without the dimension nothing tells whose rows they are.
    if (lacking.some(({ rule }) => !rule.visibleWithout?.includes(model.name))) return []
    const columns = hidden.filter((each) => each.model === undefined || each.model === model.name)
    return [{ model, hidden: new Set(columns.map(({ column }) => column)), rules: own }]
  })
  return new Map(views.map((view) => [view.model.name, view]))
}
