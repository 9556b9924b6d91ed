import type { OracleRow, OracleSource } from './input.js'

const sale = (id: string, day: string, status: string, total: string, more: OracleRow = {}): OracleRow => ({
  sale_id: id,
  sale_status: status,
  ordered_at: `${day}T12:00:00.000000Z`,
  order_date: day,
  currency: 'EUR',
  exchange_rate: '1',
  discount_amount: '0.00',
  tax_amount: '0.00',
  shipping_amount: '0.00',
  total_amount: total,
  ...more,
})

const line = (sale_id: string, line_number: string, product_id: string, more: OracleRow): OracleRow => ({
  sale_id,
  line_number,
  product_id,
  discount_amount: '0.00',
  tax_amount: '0.00',
  ...more,
})

const product = (id: string, more: OracleRow = {}): OracleRow => ({
  product_id: id,
  product_name: `Product ${id}`,
  category: 'Things',
  is_active: 'true',
  ...more,
})

/** One row for each settled edge case of the model, small enough to be worked out by hand. */
export const north: OracleSource = {
  source: 'north',
  entities: {
    products: [
      product('p1', { cost_price: '1.2345', brand: 'Acme' }),
      product('p2'),
      product('p3', { cost_price: '2.0000', is_active: 'false' }),
    ],
    customers: [
      { customer_id: 'c1', customer_name: 'Ann', signup_date: '2023-12-30', segment: 'gold', birth_date: '2006-01-31' },
      { customer_id: 'c2', customer_name: 'Ben', birth_date: '2006-02-01', country: 'DE' },
      { customer_id: 'c3', customer_name: 'Cid' },
      { customer_id: 'c4', customer_name: 'Dee', signup_date: '2030-01-01' },
    ],
    stores: [
      { store_id: 's1', store_name: 'First', store_type: 'physical', region: 'North', country: 'AT' },
      { store_id: 's2', store_name: 'Second', store_type: 'warehouse' },
    ],
    campaigns: [
      {
        campaign_id: 'k1',
        campaign_name: 'Spring',
        channel: 'email',
        budget: '30.00',
        start_date: '2024-01-01',
        end_date: '2024-02-01',
      },
      {
        campaign_id: 'k2',
        campaign_name: 'Free',
        channel: 'social',
        budget: '0.00',
        start_date: '2024-01-01',
        end_date: '2024-02-01',
      },
    ],
    sales: [
      sale('a', '2024-01-31', 'completed', '20.01', {
        customer_id: 'c1',
        store_id: 's1',
        campaign_id: 'k1',
        shipping_amount: '1.00',
        discount_amount: '0.50',
        tax_amount: '1.51',
        currency: 'USD',
        exchange_rate: '1.085',
        delivered_on: '2024-02-02',
      }),
      sale('b', '2024-01-31', 'cancelled', '5.00', { customer_id: 'c2', store_id: 's1', campaign_id: 'k9' }),
      sale('c', '2024-03-05', 'completed', '10.00', { customer_id: 'c9', store_id: 's9', campaign_id: 'k9' }),
      sale('d', '2024-03-05', 'refunded', '7.00'),
      sale('e', '2024-03-06', 'pending', '8.00', { customer_id: 'c1', campaign_id: 'k2' }),
    ],
    sale_items: [
      line('a', '1', 'p1', { quantity: '3', unit_price: '5.0000', discount_amount: '0.50', tax_amount: '1.01' }),
      line('a', '2', 'p1', { quantity: '1', unit_price: '3.0000', unit_cost: '1.0050', tax_amount: '0.50' }),
      line('c', '1', 'p2', { quantity: '2', unit_price: '5.0000' }),
      line('b', '1', 'p3', { quantity: '1', unit_price: '5.0000' }),
      line('lost', '1', 'p9', { quantity: '4', unit_price: '1.2500' }),
    ],
    inventory: [
      {
        inventory_id: 'i1',
        product_id: 'p1',
        store_id: 's1',
        stock_quantity: '3',
        reorder_level: '3',
        last_updated_at: '2024-03-01T00:00:00Z',
      },
      {
        inventory_id: 'i2',
        product_id: 'p2',
        store_id: 's9',
        stock_quantity: '0',
        reorder_level: '3',
        last_updated_at: '2024-03-01T00:00:00.5Z',
      },
      {
        inventory_id: 'i3',
        product_id: 'p8',
        store_id: 's2',
        stock_quantity: '9',
        reorder_level: '3',
        last_updated_at: '2024-03-01T00:00:00Z',
      },
    ],
    returns: [
      {
        return_id: 'r1',
        sale_id: 'd',
        product_id: 'p1',
        returned_at: '2024-03-10T10:00:00Z',
        return_date: '2024-03-10',
        refund_amount: '7.00',
      },
      {
        return_id: 'r2',
        sale_id: 'a',
        returned_at: '2024-03-10T11:00:00Z',
        return_date: '2024-03-10',
        refund_amount: '0.25',
      },
      {
        return_id: 'r3',
        product_id: 'p7',
        returned_at: '2024-03-05T11:00:00Z',
        return_date: '2024-03-05',
        refund_amount: '1.00',
      },
    ],
  },
}

/** A source that fills sales and nothing else: everything that needs more is unknown. */
export const sparse: OracleSource = {
  source: 'sparse',
  entities: { sales: [sale('a', '2024-02-29', 'completed', '3.33', { customer_id: 'c1' })] },
}

/** A sale on each of the days around a new year whose first days still belong to the last ISO week, in leap years and centuries, and when clocks change. */
export const calendar: OracleSource = {
  source: 'calendar',
  asOf: '2020-12-31',
  entities: {
    sales: [
      ...['1970-01-01', '1999-12-31', '2000-01-01', '2000-02-29', '2000-03-01', '2020-12-28', '2020-12-31'],
      ...['2021-01-01', '2021-01-03', '2021-01-04', '2024-02-29', '2024-03-31', '2024-10-27', '2099-12-31'],
    ].map((day) => sale(day, day, 'completed', '1.00')),
  },
}

/** A source whose returns and inventory are known to be empty, with an as_of of its own in front of its newest sale. */
export const early: OracleSource = {
  source: 'early',
  asOf: '2024-04-30',
  entities: {
    products: [],
    inventory: [],
    returns: [],
    sales: [sale('a', '2024-03-31', 'completed', '3.00'), sale('b', '2024-05-01', 'completed', '4.00')],
  },
}
