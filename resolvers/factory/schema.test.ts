import { readFile } from 'node:fs/promises'
import {
  type GraphQLNamedType,
  isEnumType,
  isInputObjectType,
  isObjectType,
  isSpecifiedScalarType,
  lexicographicSortSchema,
  printSchema,
} from 'graphql'
import { describe, expect, test } from 'vitest'
import {
  decimal,
  dimension,
  integer,
  measure,
  ratio,
  sourceDimension,
  sum,
  text,
  timestamp,
} from '../../models/columns.js'
import { goldModels } from '../../models/gold/index.js'
import type { GoldModel } from '../../models/types.js'
import { createSchema } from '../index.js'
import { fieldOf, orderValueOf, typeNameOf } from '../naming/fields.js'

const schema = createSchema(goldModels)
const typeNamed = (name: string): GraphQLNamedType => {
  const type = schema.getType(name)
  if (!type) throw new Error(`There is no type ${name}`)
  return type
}
const fieldsOf = (name: string): Record<string, string> => {
  const type = typeNamed(name)
  if (!isObjectType(type) && !isInputObjectType(type)) throw new Error(`${name} has no fields`)
  return Object.fromEntries(Object.entries(type.getFields()).map(([field, { type }]) => [field, String(type)]))
}
const valuesOf = (name: string): string[] => {
  const type = typeNamed(name)
  if (!isEnumType(type)) throw new Error(`${name} has no values`)
  return type.getValues().map((value) => value.name)
}

describe('the schema', () => {
  test('is the one in schema.graphql', async () => {
    const written = await readFile(new URL('../../schema.graphql', import.meta.url), 'utf8')
    expect(written.endsWith(`\n\n${printSchema(lexicographicSortSchema(schema))}\n`)).toBe(true)
  })

  test('describes every type, field and argument', () => {
    for (const type of Object.values(schema.getTypeMap())) {
      if (type.name.startsWith('__') || type.name === 'Query' || isSpecifiedScalarType(type)) continue
      expect([type.name, type.description]).toEqual([type.name, expect.stringMatching(/\.$/)])
    }
    for (const type of Object.values(schema.getTypeMap())) {
      if (type.name.startsWith('__') || (!isObjectType(type) && !isInputObjectType(type))) continue
      for (const field of Object.values(type.getFields())) {
        const of = [type.name, field.name]
        expect([...of, field.description]).toEqual([...of, expect.stringMatching(/\.$/)])
        for (const arg of 'args' in field ? field.args : []) {
          expect([...of, arg.name, arg.description]).toEqual([...of, arg.name, expect.stringMatching(/\.$/)])
        }
      }
    }
  })

  test('has for a model what its declaration says', () => {
    expect(fieldsOf('InventoryRisk')).toMatchObject({
      source: 'String!',
      productName: 'String',
      stockStatus: 'StockStatus!',
      stockQuantity: 'SafeInt!',
      estimatedStockValue: 'Decimal',
      lastUpdatedAt: 'Timestamp!',
    })
    expect(fieldsOf('InventoryRiskWhere')).toMatchObject({
      stockStatus: 'StockStatusFilter',
      stockQuantity: 'IntegerFilter',
      lastUpdatedAt: 'TimestampFilter',
      and: '[InventoryRiskWhere!]',
      or: '[InventoryRiskWhere!]',
      not: 'InventoryRiskWhere',
    })
    expect(fieldsOf('InventoryRiskConnection')).toEqual({
      nodes: '[InventoryRisk!]!',
      edges: '[InventoryRiskEdge!]!',
      pageInfo: 'PageInfo!',
      totalCount: 'SafeInt!',
    })
    expect(fieldsOf('InventoryRiskOrder')).toEqual({
      field: 'InventoryRiskField!',
      direction: 'OrderDirection!',
      nulls: 'NullsOrder!',
    })
  })

  test('offers each type the conditions that fit it', () => {
    expect(fieldsOf('DecimalFilter')).toEqual({
      eq: 'Decimal',
      ne: 'Decimal',
      in: '[Decimal!]',
      notIn: '[Decimal!]',
      lt: 'Decimal',
      lte: 'Decimal',
      gt: 'Decimal',
      gte: 'Decimal',
      between: 'DecimalRange',
      isNull: 'Boolean',
    })
    expect(Object.keys(fieldsOf('TextFilter'))).toEqual(expect.arrayContaining(['contains', 'startsWith', 'between']))
    expect(Object.keys(fieldsOf('StockStatusFilter'))).toEqual(['eq', 'ne', 'in', 'notIn', 'isNull'])
    expect(fieldsOf('DateRange')).toEqual({ from: 'Date!', to: 'Date!' })
  })

  test('offers no measure in groups that may not be added up', () => {
    const apart: Readonly<Record<string, readonly string[]>> = {
      FactSales: ['exchangeRate', 'netRevenueLocal', 'costTotalLocal', 'netMarginLocal'],
      ProductSalesPerformance: ['totalOrders'],
    }
    for (const model of goldModels) {
      const name = typeNameOf(model)
      const rowOnly = model.columns.filter((each) => each.role === 'measure' && each.adds.how === 'rowOnly')
      expect([name, ...rowOnly.map((each) => fieldOf(each))]).toEqual([name, ...(apart[name] ?? [])])
      expect(Object.keys(fieldsOf(name))).toEqual(expect.arrayContaining(rowOnly.map((each) => fieldOf(each))))
      const offered = {
        ...Object.fromEntries(
          ['Group', 'Totals', 'Having', 'Change', 'ChangeRatio'].map((kind) => [
            kind,
            Object.keys(fieldsOf(`${name}${kind}`)),
          ]),
        ),
        GroupOrder: valuesOf(`${name}GroupField`),
      }
      for (const [kind, fields] of Object.entries(offered)) {
        const found = rowOnly.filter((each) => fields.includes(fieldOf(each)) || fields.includes(orderValueOf(each)))
        expect([name, kind, found.map((each) => each.name)]).toEqual([name, kind, []])
      }
    }
    expect(Object.keys(fieldsOf('ProductSalesPerformanceTotals'))).toContain('returnRate')
    expect(valuesOf('ProductSalesPerformanceGroupField')).toContain('RETURN_RATE')
  })

  test('cuts dates to five grains', () => {
    expect(valuesOf('DateGrain')).toEqual(['DAY', 'WEEK', 'MONTH', 'QUARTER', 'YEAR'])
  })

  test('has two query fields with the same arguments for each model, rows and groups', () => {
    const { parity: _, ...query } = schema.getQueryType()?.getFields() ?? {}
    const argumentsOf = (field: string) => query[field]?.args.map((arg) => arg.name)
    expect(Object.keys(query)).toHaveLength(2 * goldModels.length)
    for (const name of Object.keys(query).filter((field) => !field.endsWith('By'))) {
      expect(argumentsOf(`${name}By`)).toEqual([
        'where',
        'having',
        'orderBy',
        'compareTo',
        'fill',
        'first',
        'after',
        'warehouse',
        'build',
      ])
      expect(argumentsOf(name)).toEqual(['where', 'orderBy', 'first', 'after', 'last', 'before', 'warehouse', 'build'])
      expect(String(query[name]?.type)).toMatch(/Connection!$/)
    }
  })
})

describe('a model that nobody here has heard of', () => {
  const model: GoldModel = {
    name: 'web_funnel',
    description: 'Sessions of a day.',
    grain: ['source', 'channel'],
    columns: [
      sourceDimension,
      dimension('channel', text, 'Channel.'),
      dimension('seen_at', timestamp, 'When.', { nullable: true }),
      measure('page_views', integer, sum, 'Views.', { unit: 'views' }),
    ],
    defaultOrder: [{ column: 'channel', direction: 'asc' }],
    rowChecks: [],
  }

  test('has its field, types and descriptions from the declaration alone', () => {
    const printed = printSchema(createSchema([model]))
    expect(printed).toContain('webFunnel(')
    expect(printed).toContain('"""Views. Unit: views."""\n  pageViews: SafeInt!')
    expect(printed).not.toContain('dailyRevenue')
  })

  test('is refused when its names would collide', () => {
    const column = (name: string) => dimension(name, text, 'Text.')
    const [source = sourceDimension, channel = sourceDimension, ...others] = model.columns
    const having = (name: string) => ({ ...model, columns: [source, channel, column(name), ...others] })
    expect(() => createSchema([having('or')])).toThrow('or')
    expect(() => createSchema([having('page__views')])).toThrow('share')
  })

  test('is refused when its declaration does not fit together', () => {
    const views = ratio(['page_view'], 'page_views', 4)
    const share = measure('share', decimal(18, 4), views, 'Share.', { unit: 'ratio', nullable: true })
    const columns = [...model.columns, share]
    expect(() => createSchema([{ ...model, columns }])).toThrow('model web_funnel, column share: its ratio is made of')
  })
})
