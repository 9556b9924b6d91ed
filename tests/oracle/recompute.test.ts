import { describe, expect, it } from 'vitest'
import { calendar, early, north, sparse } from './edge-cases.js'
import { parseLine } from './input.js'
import { recomputeGold } from './recompute.js'

const gold = recomputeGold([north, sparse, early, calendar])

/** Some columns of one row, by the values of its key. */
function row(
  model: string,
  source: string,
  key: string,
  value: string,
  columns: string,
): (string | null | undefined)[] {
  const found = gold[model]?.filter((each) => each.source === source && each[key] === value)
  expect(found).toHaveLength(1)
  return columns.split(' ').map((column) => found?.[0]?.[column])
}

describe('the oracle, against figures worked out by hand', () => {
  it('keeps days that have only returns, and knows nothing of refunds where returns are unknown', () => {
    const columns = 'total_orders gross_revenue net_revenue refund_total revenue_after_refunds average_order_value'
    expect(row('daily_revenue', 'north', 'revenue_date', '2024-01-31', columns)).toEqual([
      '2',
      '25.01',
      '20.01',
      '0.00',
      '20.01',
      '20.01',
    ])
    expect(row('daily_revenue', 'north', 'revenue_date', '2024-03-10', columns)).toEqual([
      '0',
      '0.00',
      '0.00',
      '7.25',
      '-7.25',
      null,
    ])
    expect(row('daily_revenue', 'sparse', 'revenue_date', '2024-02-29', columns)).toEqual([
      '1',
      '3.33',
      '3.33',
      null,
      null,
      '3.33',
    ])
    expect(gold.daily_revenue?.filter((each) => each.source === 'north')).toHaveLength(4)
  })

  it('rounds margins per line and takes the product’s cost where the line has none', () => {
    const columns =
      'units_sold order_lines total_orders gross_revenue net_revenue estimated_gross_margin net_margin return_count return_rate'
    // Line 1: 15.51 with tax 1.01 and cost 3.7035, so 11.2965 and 10.7965; line 2: 3.50 with tax 0.50 and cost 1.0050, so twice 1.995.
    expect(row('product_sales_performance', 'north', 'product_id', 'p1', columns)).toEqual([
      '4',
      '2',
      '1',
      '19.01',
      '19.01',
      '13.30',
      '12.80',
      '1',
      '0.5000',
    ])
  })

  it('gives no margin where no completed line has a cost, and 0 where there is no completed line', () => {
    const columns = 'units_sold order_lines net_revenue estimated_gross_margin net_margin return_rate'
    expect(row('product_sales_performance', 'north', 'product_id', 'p2', columns)).toEqual([
      '2',
      '1',
      '10.00',
      null,
      null,
      '0.0000',
    ])
    expect(row('product_sales_performance', 'north', 'product_id', 'p3', columns)).toEqual([
      '0',
      '1',
      '0.00',
      '0.00',
      '0.00',
      '0.0000',
    ])
  })

  it('counts a line without a sale in lines, orders and gross revenue only, and a returned stranger with zeros', () => {
    const columns = 'product_name units_sold order_lines total_orders gross_revenue net_revenue return_count'
    expect(row('product_sales_performance', 'north', 'product_id', 'p9', columns)).toEqual([
      null,
      '0',
      '1',
      '1',
      '5.00',
      '0.00',
      '0',
    ])
    expect(row('product_sales_performance', 'north', 'product_id', 'p7', columns)).toEqual([
      null,
      '0',
      '0',
      '0',
      '0.00',
      '0.00',
      '1',
    ])
    expect(gold.product_sales_performance?.some((each) => each.product_id === 'p8')).toBe(false)
  })

  it('gives customers, stores and campaigns that only sales mention a row without attributes', () => {
    expect(
      row('customer_lifetime_value', 'north', 'customer_id', 'c9', 'customer_name total_orders total_spent'),
    ).toEqual([null, '1', '10.00'])
    expect(
      row(
        'customer_lifetime_value',
        'north',
        'customer_id',
        'c3',
        'customer_name total_orders total_spent first_order_at',
      ),
    ).toEqual(['Cid', '0', '0.00', null])
    expect(row('store_performance', 'north', 'store_id', 's9', 'store_name store_type net_revenue')).toEqual([
      null,
      null,
      '10.00',
    ])
    expect(
      row('campaign_roi', 'north', 'campaign_id', 'k9', 'budget attributed_orders attributed_revenue estimated_roi'),
    ).toEqual([null, '2', '10.00', null])
    expect(row('campaign_roi', 'north', 'campaign_id', 'k1', 'budget attributed_revenue estimated_roi')).toEqual([
      '30.00',
      '20.01',
      '-0.3330',
    ])
    expect(row('campaign_roi', 'north', 'campaign_id', 'k2', 'budget attributed_orders estimated_roi')).toEqual([
      '0.00',
      '1',
      null,
    ])
  })

  it('values stock by the product’s cost and keeps records of missing products', () => {
    expect(row('inventory_risk', 'north', 'inventory_id', 'i1', 'stock_status estimated_stock_value region')).toEqual([
      'low_stock',
      '3.70',
      'North',
    ])
    expect(
      row('inventory_risk', 'north', 'inventory_id', 'i2', 'stock_status estimated_stock_value store_name'),
    ).toEqual(['out_of_stock', null, null])
    expect(
      row('inventory_risk', 'north', 'inventory_id', 'i3', 'stock_status estimated_stock_value product_name'),
    ).toEqual(['healthy', null, null])
  })

  it('takes running totals at each month end and at as_of, months without a sale included', () => {
    const columns =
      'total_revenue total_orders total_customers refund_amount return_count active_products low_stock_items out_of_stock_items'
    const dates = gold.executive_kpis?.filter((each) => each.source === 'north').map((each) => each.snapshot_date)
    expect(dates).toEqual(['2024-01-31', '2024-02-29', '2024-03-10'])
    expect(row('executive_kpis', 'north', 'snapshot_date', '2024-02-29', columns)).toEqual([
      '20.01',
      '2',
      '2',
      '0.00',
      '0',
      null,
      null,
      null,
    ])
    expect(row('executive_kpis', 'north', 'snapshot_date', '2024-03-10', columns)).toEqual([
      '30.01',
      '5',
      '3',
      '8.25',
      '3',
      '2',
      '1',
      '1',
    ])
    expect(row('executive_kpis', 'sparse', 'snapshot_date', '2024-02-29', columns)).toEqual([
      '3.33',
      '1',
      '1',
      null,
      null,
      null,
      null,
      null,
    ])
    expect(gold.executive_kpis?.filter((each) => each.source === 'early').map((each) => each.snapshot_date)).toEqual([
      '2024-03-31',
      '2024-04-30',
    ])
    expect(row('executive_kpis', 'early', 'snapshot_date', '2024-04-30', columns)).toEqual([
      '3.00',
      '1',
      '0',
      '0.00',
      '0',
      '0',
      '0',
      '0',
    ])
  })

  it('gives a sale its age band, delivery, cost and profit, and the amounts in the currency of the customer', () => {
    const sale = (id: string, columns: string) => row('fact_sales', 'north', 'sale_id', id, columns)
    expect(sale('a', 'age_band store_country campaign_name delivery_days average_delivery_days')).toEqual([
      'from_18_to_24',
      'AT',
      'Spring',
      '2',
      '2.00',
    ])
    // Costs of 3.7035 and 1.0050, margins of 10.7965 and 1.9950; 20.01 × 1.085 = 21.71085.
    expect(sale('a', 'units_sold gross_revenue net_revenue cost_total net_margin shipping_total')).toEqual([
      '4',
      '20.01',
      '20.01',
      '4.71',
      '12.80',
      '1.00',
    ])
    expect(sale('a', 'exchange_rate net_revenue_local cost_total_local net_margin_local')).toEqual([
      '1.085000',
      '21.71',
      '5.11',
      '13.89',
    ])
    expect(sale('b', 'age_band customer_country completed_orders net_revenue average_order_value')).toEqual([
      'under_18',
      'DE',
      '0',
      '0.00',
      null,
    ])
  })

  it('does not know the profit of a sale of unknown cost, nor of any in a source without lines; without a line it is 0', () => {
    const columns = 'units_sold cost_total net_margin net_margin_local'
    expect(row('fact_sales', 'north', 'sale_id', 'c', columns)).toEqual(['2', null, null, null])
    expect(row('fact_sales', 'north', 'sale_id', 'd', columns)).toEqual(['0', '0.00', '0.00', '0.00'])
    expect(row('fact_sales', 'sparse', 'sale_id', 'a', columns)).toEqual([null, null, null, null])
  })

  it('numbers the days of the week from Monday, across years and when clocks change', () => {
    const weekdays = gold.fact_sales
      ?.filter((each) => each.source === 'calendar')
      .map(({ sale_id, weekday }) => [sale_id, weekday])
    expect(weekdays).toEqual([
      ['1970-01-01', '4'],
      ['1999-12-31', '5'],
      ['2000-01-01', '6'],
      ['2000-02-29', '2'],
      ['2000-03-01', '3'],
      ['2020-12-28', '1'],
      ['2020-12-31', '4'],
      ['2021-01-01', '5'],
      ['2021-01-03', '7'],
      ['2021-01-04', '1'],
      ['2024-02-29', '4'],
      ['2024-03-31', '7'],
      ['2024-10-27', '7'],
      ['2099-12-31', '4'],
    ])
    const ofLine = (id: string) => row('fact_product_sales', 'north', 'sale_id', id, 'order_date weekday')
    expect(ofLine('c')).toEqual(['2024-03-05', '2'])
    expect(ofLine('lost')).toEqual([null, null])
  })

  it('keeps a line whose sale is missing, knowing nothing of the sale', () => {
    const columns =
      'order_date sale_status product_name order_lines units_sold gross_revenue net_revenue cost_total net_margin'
    expect(row('fact_product_sales', 'north', 'sale_id', 'lost', columns)).toEqual([
      null,
      null,
      null,
      '1',
      '0',
      '5.00',
      '0.00',
      '0.00',
      '0.00',
    ])
    expect(row('fact_product_sales', 'north', 'sale_id', 'c', 'net_revenue cost_total net_margin')).toEqual([
      '10.00',
      null,
      null,
    ])
  })

  it('reads numbers of JSON as they are written', () => {
    expect(parseLine('{"a":0.10,"b":"7.5 and 8","c":null,"d":true,"e":-12,"f":"x\\"1"}')).toEqual({
      a: '0.10',
      b: '7.5 and 8',
      c: null,
      d: 'true',
      e: '-12',
      f: 'x"1',
    })
  })
})
