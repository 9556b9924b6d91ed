import type { GoldModel } from '../../models/types.js'
import type { Role } from '../access/role.js'
import { fieldOf, groupsFieldOf, orderValueOf, rowsFieldOf, typeNameOf } from '../naming/fields.js'

/** A description as a role may read it, in a type or field of the model; undefined where nothing is left. */
export type DescriptionFor = (
  model: GoldModel | undefined,
  description: string | null | undefined,
) => string | undefined

/** Leaves out of descriptions each sentence that names what the role does not see: a hidden column in the formula of another one, a model that is not there. */
export function descriptionsFor(role: Role, models: readonly GoldModel[]): DescriptionFor {
  const seen = [...role.views.values()]
  const visible = new Set(role.models.flatMap(({ columns }) => columns.map(({ name }) => name)))
  const unseen = models.filter(({ name }) => !role.views.has(name))
  const elsewhere = [
    ...unseen.flatMap((model) => [model.name, typeNameOf(model), rowsFieldOf(model), groupsFieldOf(model)]),
    ...unseen.flatMap(({ columns }) => columns.filter(({ name }) => !visible.has(name))).flatMap(spellings),
    // One word alone is more often a word than a name.
  ].filter((name) => /_|[a-z][A-Z]/.test(name))
  const hidden = seen.flatMap(({ model, hidden: names }) => model.columns.filter(({ name }) => names.has(name)))
  const namesFor = (model: GoldModel | undefined): ReadonlySet<string> => {
    const own = role.models.find(({ name }) => name === model?.name)?.columns.map(({ name }) => name) ?? [...visible]
    return new Set([...hidden.filter(({ name }) => !own.includes(name)).flatMap(spellings), ...elsewhere])
  }
  const names = new Map(role.models.map((model) => [model.name, namesFor(model)]))
  const shared = namesFor(undefined)
  return (model, description) => {
    const concealed = names.get(model?.name ?? '') ?? shared
    const sentences = (description ?? '').split(/(?<=[.!?])\s+/)
    const told = sentences.filter((sentence) => !(sentence.match(/\w+/g) ?? []).some((word) => concealed.has(word)))
    return told.join(' ') || undefined
  }
}

const spellings = (column: GoldModel['columns'][number]): string[] => [
  column.name,
  fieldOf(column),
  orderValueOf(column),
]
