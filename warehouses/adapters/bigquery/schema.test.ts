import { afterEach, describe, expect, it } from 'vitest'
import { entities } from '../../../models/entities/index.js'
import { goldModels } from '../../../models/gold/index.js'
import { compileRows } from '../../compiler/rows.js'
import { bigqueryDialectAt } from './dialect.js'
import { goldShape, silverTables, type TableShape } from './schema.js'
import { Tables } from './tables.js'
import { FakeApi } from './testing/fake-api.js'

let api: FakeApi | undefined
afterEach(() => api?.stop())

const gold = new Map(goldModels.map((model) => [model.name, goldShape(model)]))
const silver = new Map(silverTables(entities).map(({ name, shape }) => [name, shape]))
const modelOf = (name: string) => goldModels.find((model) => model.name === name) ?? expect.fail(name)

const laidOut = (shape: TableShape | undefined) => [
  shape?.timePartitioning?.field,
  ...(shape?.clustering?.fields ?? []),
]

describe('A table in BigQuery', () => {
  it('is partitioned by the date that its rows come by, and clustered by what is looked for', () => {
    expect(laidOut(silver.get('sales'))).toEqual(['order_date', 'source', 'sale_id'])
    expect(laidOut(silver.get('stores'))).toEqual([undefined, 'source', 'store_id'])
    expect(laidOut(gold.get('daily_revenue'))[0]).toBe('revenue_date')
    expect(laidOut(gold.get('fact_product_sales')).slice(0, 2)).toEqual(['order_date', 'source'])
    expect(laidOut(gold.get('product_sales_performance')).slice(0, 3)).toEqual([undefined, 'source', 'product_id'])
  })

  it.each([...gold, ...silver])('of %s keeps to what BigQuery takes', (_name, shape) => {
    const typeOf = new Map(shape.schema.fields.map(({ name, type }) => [name, type]))
    const [day, ...clusters] = laidOut(shape)
    if (day !== undefined) expect(typeOf.get(day)).toBe('DATE')
    expect(clusters.length).toBeLessThanOrEqual(4)
    expect(new Set(clusters).size).toBe(clusters.length)
    for (const name of clusters) {
      expect(name).not.toBe(day)
      expect(['STRING', 'INT64', 'DATE', 'BOOL', 'TIMESTAMP', 'NUMERIC']).toContain(typeOf.get(name ?? ''))
    }
  })

  it('is asked for with its partitions, clusters and labels', async () => {
    api = await FakeApi.start(({ body }) => ({ body }), { labels: { team: 'data' } })
    const shape = goldShape(modelOf('fact_sales'))
    await new Tables(api.jobs, 'd').create('gold_fact_sales__b1_7', shape, 'gold')
    expect(api.requests.map(({ method, path }) => `${method} ${path}`)).toEqual(['POST /datasets/d/tables'])
    expect(api.requests[0]?.body).toMatchObject({
      tableReference: { tableId: 'gold_fact_sales__b1_7' },
      labels: { team: 'data', goldgate: 'gold' },
      timePartitioning: { type: 'MONTH', field: 'order_date' },
      clustering: { fields: shape.clustering?.fields },
    })
  })
})

it('A page asks BigQuery for the selected columns, and compares the column of the partitions as it is', () => {
  const model = modelOf('daily_revenue')
  const { sql } = compileRows(
    {
      ...{ model, build: { buildId: 'b1', tag: 'b1_7' }, columns: ['net_revenue'], limit: 10 },
      where: { column: 'revenue_date', op: 'between', from: '2024-01-01', to: '2024-01-31' },
      order: model.grain.map((column) => ({ column, direction: 'asc', nulls: 'last' })),
    },
    bigqueryDialectAt({ project: 'p', dataset: 'd' }),
  )
  // The key of the order comes along, for cursors.
  expect(sql.split('\n').slice(0, 3)).toEqual([
    'SELECT `net_revenue`, `source`, `revenue_date`',
    'FROM `p`.`d`.`gold_daily_revenue__b1_7`',
    'WHERE (`revenue_date` >= @p1 AND `revenue_date` <= @p2)',
  ])
})
