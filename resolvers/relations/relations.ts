import type { GoldModel } from '../../models/types.js'
import { columnsByField, fieldOf } from '../naming/fields.js'
import type { FieldColumns } from '../rows/nodes.js'

/** A field of a row that leads to others: `one` row, a list of `many`, or the `total` of all that are like it. */
export interface Relation {
  readonly kind: 'one' | 'many' | 'total'
  /** Its name in GraphQL. */
  readonly field: string
  readonly description: string
  /** The model that is read. */
  readonly model: GoldModel
  /** Columns of the row, and the columns of `model` that have the same values there. */
  readonly columns: readonly string[]
  readonly keys: readonly string[]
}

/** The relations of a model within these models. Where one of both ends is not among them, or lacks a column that is needed, there is none. */
export function relationsOf(model: GoldModel, models: readonly GoldModel[]): readonly Relation[] {
  const here = (model.references ?? []).flatMap((reference): Relation[] => {
    const to = models.find(({ name }) => name === reference.model)
    if (!to) return []
    const { field, description, columns } = reference
    return [{ kind: 'one', field, description, model: to, columns, keys: to.grain }]
  })
  const back = models.flatMap((from) =>
    (from.references ?? []).flatMap(({ model: to, columns, back: end }): Relation[] =>
      to === model.name && end ? [{ kind: 'many', ...end, model: from, columns: model.grain, keys: columns }] : [],
    ),
  )
  const totals = (model.totals ?? []).map(
    ({ columns, ...named }): Relation => ({ kind: 'total', ...named, model, columns, keys: columns }),
  )
  return [...here, ...back, ...totals]
    .filter((relation) => hasAll(model, relation.columns) && hasAll(relation.model, relation.keys))
    .map((relation) => ({ ...relation, field: fieldOf(relation.field) }))
}

const hasAll = ({ columns }: GoldModel, names: readonly string[]): boolean =>
  names.every((name) => columns.some((column) => column.name === name))

/** What each field of a row of the model needs. Throws where two would share a name. */
export function fieldColumns(model: GoldModel, relations: readonly Relation[]): FieldColumns {
  const fields = new Map<string, readonly string[]>(
    [...columnsByField(model)].map(([field, { name }]) => [field, [name]]),
  )
  for (const { field, columns } of relations) {
    if (fields.has(field)) throw new Error(`Two fields of ${model.name} are called ${field}`)
    fields.set(field, columns)
  }
  return fields
}
