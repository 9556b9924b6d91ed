import fc from 'fast-check'
import type { GoldModel, LogicalType } from '../../models/types.js'
import {
  type GroupDimension,
  type GroupMeasure,
  type GroupsQuery,
  groupModel,
} from '../../warehouses/compiler/group-query.js'
import type { Filter, RowsQuery, SortKey } from '../../warehouses/compiler/query.js'
import type { RelatedQuery } from '../../warehouses/compiler/related.js'
import type { BuildRef } from '../../warehouses/contract/builds.js'
import type { Value } from '../../warehouses/contract/values.js'

type Stored = NonNullable<Value>

/** Values of each type; the extremes, and what no column can hold, lead to other SQL than ordinary ones. */
function anyOf(type: LogicalType): fc.Arbitrary<Stored> {
  switch (type.kind) {
    case 'text':
      return fc.constantFrom('', 'a', "o'a", '\\', '`', '%', '😀', 'a\0b', '\ud83d', "'; DROP TABLE x; --")
    case 'enum':
      return fc.constantFrom(...type.values)
    case 'integer':
      return fc.constantFrom(0n, -1n, 9223372036854775807n, 10n ** 40n)
    case 'decimal':
      return fc.constantFrom('0', '-0.01', '12.5', '0.0000000000000000001', `1${'0'.repeat(40)}`)
    case 'boolean':
      return fc.boolean()
    case 'date':
      return fc.constantFrom('2024-02-29', '0001-01-01', '9999-12-31')
    case 'timestamp':
      return fc.constantFrom('2024-02-29T23:59:59.999999Z', '1969-12-31T00:00:00.000001Z')
  }
}

const isText = (type: LogicalType): boolean => type.kind === 'text' || type.kind === 'enum'

/** A filter on any columns of the model, nested up to three deep. */
export function filterOf(model: GoldModel): fc.Arbitrary<Filter> {
  const leaf = fc.constantFrom(...model.columns).chain(({ name, type }): fc.Arbitrary<Filter> => {
    const [column, value] = [fc.constant(name), anyOf(type)]
    return fc.oneof(
      fc.record({ column, op: fc.constantFrom('eq', 'ne', 'lt', 'lte', 'gt', 'gte'), value }),
      fc.record({ column, op: fc.constantFrom('in', 'notIn'), values: fc.array(value, { maxLength: 3 }) }),
      fc.record({ column, op: fc.constant('between' as const), from: value, to: value }),
      fc.record({ column, op: fc.constant('isNull' as const), value: fc.boolean() }),
      ...(isText(type) ? [fc.record({ column, op: fc.constantFrom('contains', 'startsWith'), value })] : []),
    )
  })
  return fc.letrec<{ filter: Filter }>((tie) => ({
    filter: fc.oneof(
      { maxDepth: 3 },
      { weight: 4, arbitrary: leaf },
      { weight: 1, arbitrary: fc.record({ and: fc.array(tie('filter'), { maxLength: 3 }) }) },
      { weight: 1, arbitrary: fc.record({ or: fc.array(tie('filter'), { maxLength: 3 }) }) },
      { weight: 1, arbitrary: fc.record({ not: tie('filter') }) },
    ),
  })).filter
}

/** Up to four keys in any direction, then the grain. */
function orderOf(model: GoldModel): fc.Arbitrary<SortKey[]> {
  const names = model.columns.map((column) => column.name)
  const ways = fc.record({
    direction: fc.constantFrom('asc' as const, 'desc' as const),
    nulls: fc.constantFrom('first' as const, 'last' as const),
  })
  return fc
    .tuple(
      fc.subarray(names, { maxLength: Math.min(4, names.length) }),
      fc.array(ways, { minLength: 16, maxLength: 16 }),
    )
    .map(([chosen, each]) =>
      [...new Set([...chosen, ...model.grain])].map(
        (column, index): SortKey => ({ column, ...(each[index] ?? { direction: 'asc', nulls: 'last' }) }),
      ),
    )
}

/** A page: filter, order, and a position of that order, with and without NULLs, to either side and from either end. */
export function pageOf(model: GoldModel, build: BuildRef): fc.Arbitrary<RowsQuery> {
  return orderOf(model).chain((order) => {
    const values = fc.tuple(
      ...order.map(({ column }): fc.Arbitrary<Value> => {
        const { type, nullable } = model.columns.find((each) => each.name === column) ?? {
          type: { kind: 'text' as const },
          nullable: false,
        }
        return nullable ? fc.option(storedOf(type), { freq: 3 }) : storedOf(type)
      }),
    )
    return fc.record(
      {
        model: fc.constant(model),
        build: fc.constant(build),
        columns: fc.subarray(
          model.columns.map((column) => column.name),
          { minLength: 1 },
        ),
        where: filterOf(model),
        order: fc.constant(order),
        seek: fc.record({ side: fc.constantFrom('after' as const, 'before' as const), values }),
        fromEnd: fc.boolean(),
        limit: fc.integer({ min: 0, max: 1001 }),
      },
      { requiredKeys: ['model', 'build', 'columns', 'order', 'limit'] },
    )
  })
}

/** A cursor holds what a row held. */
const storedOf = (type: LogicalType): fc.Arbitrary<Stored> => {
  if (type.kind === 'integer') return fc.constantFrom(0n, -9223372036854775808n)
  if (type.kind === 'decimal') return fc.constant(`0.${'0'.repeat(type.scale)}`.replace(/\.$/, ''))
  if (type.kind === 'text') return fc.constantFrom('', "o'a", '😀')
  return anyOf(type)
}

/** Lists of several parents: the rows that hold any keys in the columns of a reference. */
export function relatedOf(model: GoldModel, columns: readonly string[], build: BuildRef): fc.Arbitrary<RelatedQuery> {
  const types = columns.map(
    (name) => model.columns.find((each) => each.name === name)?.type ?? { kind: 'text' as const },
  )
  const keys = fc.uniqueArray(fc.tuple(...types.map(storedOf)), { minLength: 1, maxLength: 5, selector: String })
  return fc.tuple(pageOf(model, build), keys).map(([{ seek, fromEnd, limit = 10, ...page }, values]) => ({
    ...{ ...page, limit, parents: { columns, values } },
    ...(seek && { seek: { side: 'after' as const, values: seek.values } }),
  }))
}

const span = { from: '2024-02-29', to: '2025-01-01' }
const grains = ['day', 'week', 'month', 'quarter', 'year'] as const

/** Groups: any dimensions and measures in any form, conditions on rows and on groups, an order and a position of it. */
export function groupsOf(model: GoldModel, build: BuildRef): fc.Arbitrary<GroupsQuery> {
  const dimensions = fc
    .subarray(model.columns.filter(({ role }) => role === 'dimension'))
    .chain((columns) =>
      fc.tuple(
        ...columns.map(
          ({ name, type }): fc.Arbitrary<GroupDimension> =>
            type.kind === 'date'
              ? fc.record({ column: fc.constant(name), grain: fc.constantFrom(...grains) })
              : fc.constant({ column: name }),
        ),
      ),
    )
  const measures = fc.subarray(
    model.columns.flatMap((column): GroupMeasure[] => {
      if (column.role === 'dimension' || column.adds.how === 'rowOnly') return []
      const forms = column.adds.how === 'sum' ? (['value', 'share', 'running'] as const) : (['value'] as const)
      return forms.map((form) => ({ column: column.name, form }))
    }),
  )
  return fc.tuple(dimensions, measures).chain(([by, all]) => {
    const dates = by.filter(({ grain }) => grain !== undefined).length
    const grouping = { model, dimensions: by, measures: all.filter(({ form }) => form !== 'running' || dates > 0) }
    const groups = groupModel(grouping)
    return pageOf(groups, build).chain(({ order, limit, seek }) =>
      fc.tuple(fc.option(filterOf(model)), fc.option(filterOf(groups)), fc.option(fc.constantFrom({}, span))).map(
        ([where, having, fill]): GroupsQuery => ({
          ...{ ...grouping, build, order, limit },
          ...(fill && dates === 1 && { fill }),
          ...(where && { where }),
          ...(having && { having }),
          ...(seek && order.length > 0 && { seek }),
        }),
      ),
    )
  })
}
