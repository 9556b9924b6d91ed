import type { GraphQLResolveInfo } from 'graphql'
import { compileGroups } from '../../warehouses/compiler/groups.js'
import { keysFilter } from '../../warehouses/compiler/keys.js'
import { keyText, type ParentsQuestion } from '../context/loaders.js'
import type { RequestContext } from '../context/request-context.js'
import { measuresOf } from '../groups/selection.js'
import { fieldOf } from '../naming/fields.js'
import { questionHash } from '../rows/cursor.js'
import { selectionTree } from '../rows/selection.js'
import type { Relation } from './relations.js'

/** Asks for the selected measures of all rows that have the key, added up by their own rules. */
export function totalQuestion(
  { field, model, keys }: Relation,
  context: RequestContext,
  info: GraphQLResolveInfo,
): ParentsQuestion {
  const measures = measuresOf(model, selectionTree(info))
  const order = keys.map((column) => ({ column, direction: 'asc', nulls: 'last' }) as const)
  const dimensions = keys.map((column) => ({ column }))
  return {
    name: questionHash({ model, asks: ['total', model.name, measures], order }),
    read(origin, given) {
      context.loaders.charge(field, given.length, 1)
      return context.answer({ ...origin, exact: true }, async (pinned) => {
        const { warehouse, build } = pinned
        const where = context.permitted(model.name, keysFilter({ columns: keys, values: given }))
        const query = { model, build, dimensions, measures, ...(where && { where }), order }
        const rows = await context.read(pinned, compileGroups(query, warehouse.dialect))
        const found = new Map(
          rows.map((row) => [
            keyText(keys.map((key) => row[key])),
            Object.fromEntries(measures.map(({ column }) => [fieldOf(column), row[column] ?? null])),
          ]),
        )
        return given.map((key) => found.get(keyText(key)) ?? null)
      })
    },
  }
}
