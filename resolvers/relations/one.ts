import type { GraphQLResolveInfo } from 'graphql'
import { keysFilter } from '../../warehouses/compiler/keys.js'
import { compileRows } from '../../warehouses/compiler/rows.js'
import { keyText, type ParentsQuestion } from '../context/loaders.js'
import type { RequestContext } from '../context/request-context.js'
import { questionHash } from '../rows/cursor.js'
import { columnsFor, type FieldColumns, toNodes } from '../rows/nodes.js'
import { selectionTree } from '../rows/selection.js'
import type { Relation } from './relations.js'

/** Asks for the one row that has the key; NULL where there is none, or none that the caller may read. */
export function oneQuestion(
  { field, model, keys }: Relation,
  fields: FieldColumns,
  context: RequestContext,
  info: GraphQLResolveInfo,
): ParentsQuestion {
  const columns = columnsFor(fields, new Set(selectionTree(info).map(({ name }) => name)))
  const order = keys.map((column) => ({ column, direction: 'asc', nulls: 'last' }) as const)
  return {
    name: questionHash({ model, asks: ['one', model.name, columns], order }),
    read(origin, given) {
      context.loaders.charge(field, given.length, 1)
      return context.answer({ ...origin, exact: true }, async (pinned) => {
        const { warehouse, build } = pinned
        const where = context.permitted(model.name, keysFilter({ columns: keys, values: given }))
        const query = { model, build, columns: [...columns, ...keys], ...(where && { where }), order }
        const rows = await context.read(pinned, compileRows(query, warehouse.dialect))
        const nodes = toNodes(rows, columns, pinned)
        const found = new Map(rows.map((row, i) => [keyText(keys.map((key) => row[key])), nodes[i]]))
        return given.map((key) => found.get(keyText(key)) ?? null)
      })
    },
  }
}
