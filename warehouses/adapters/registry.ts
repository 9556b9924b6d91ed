import type { WarehouseAdapter } from '../contract/warehouse.js'
import { bigqueryAdapter } from './bigquery/adapter.js'
import { duckdbAdapter } from './duckdb/adapter.js'
import { postgresAdapter } from './postgres/adapter.js'

/** Every kind of warehouse. A new one is a folder beside these, and an import and an element here. */
export const adapters: readonly WarehouseAdapter<unknown>[] = [postgresAdapter, duckdbAdapter, bigqueryAdapter]

/** The adapter of a kind; throws a RangeError that lists the ones there are. */
export function adapterOf(kind: string): WarehouseAdapter<unknown> {
  const adapter = adapters.find((candidate) => candidate.kind === kind)
  if (adapter !== undefined) return adapter
  throw new RangeError(`There is no warehouse of kind ${kind}: ${adapters.map((each) => each.kind).join(', ')}.`)
}
