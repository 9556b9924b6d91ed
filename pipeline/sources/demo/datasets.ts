/**
 * How a value is written: `plain` text needs no escaping in any format (ids, dates, words of a list), `text` may hold
 * anything, `number` is written as it is (numbers, booleans).
 */
export type ColumnKind = 'plain' | 'text' | 'number'

export type DemoDataset = keyof typeof demoDatasets

/** The datasets with their columns in file order: the canonical columns of the entities of the same names. */
export const demoDatasets = {
  products: {
    product_id: 'plain',
    product_name: 'text',
    sku: 'plain',
    category: 'text',
    subcategory: 'text',
    brand: 'text',
    supplier_id: 'plain',
    cost_price: 'number',
    selling_price: 'number',
    is_active: 'number',
    created_at: 'plain',
  },
  customers: {
    customer_id: 'plain',
    customer_name: 'text',
    email: 'plain',
    phone: 'plain',
    gender: 'plain',
    birth_date: 'plain',
    city: 'text',
    state: 'text',
    country: 'text',
    continent: 'text',
    signup_date: 'plain',
    loyalty_tier: 'plain',
    segment: 'plain',
  },
  stores: {
    store_id: 'plain',
    store_name: 'text',
    store_type: 'plain',
    region: 'text',
    city: 'text',
    state: 'text',
    country: 'text',
    square_meters: 'number',
    opened_on: 'plain',
  },
  campaigns: {
    campaign_id: 'plain',
    campaign_name: 'text',
    channel: 'plain',
    target_region: 'text',
    budget: 'number',
    reported_roi: 'number',
    start_date: 'plain',
    end_date: 'plain',
  },
  sales: {
    sale_id: 'plain',
    customer_id: 'plain',
    store_id: 'plain',
    campaign_id: 'plain',
    sale_status: 'plain',
    channel: 'plain',
    payment_method: 'plain',
    ordered_at: 'plain',
    order_date: 'plain',
    delivered_on: 'plain',
    currency: 'plain',
    exchange_rate: 'number',
    discount_amount: 'number',
    tax_amount: 'number',
    shipping_amount: 'number',
    total_amount: 'number',
  },
  sale_items: {
    sale_id: 'plain',
    line_number: 'number',
    product_id: 'plain',
    quantity: 'number',
    unit_price: 'number',
    unit_cost: 'number',
    discount_amount: 'number',
    tax_amount: 'number',
    line_total: 'number',
  },
  inventory: {
    inventory_id: 'plain',
    product_id: 'plain',
    store_id: 'plain',
    stock_quantity: 'number',
    reorder_level: 'number',
    last_updated_at: 'plain',
  },
  returns: {
    return_id: 'plain',
    sale_id: 'plain',
    product_id: 'plain',
    customer_id: 'plain',
    returned_at: 'plain',
    return_date: 'plain',
    quantity: 'number',
    return_reason: 'plain',
    refund_amount: 'number',
  },
} as const satisfies Record<string, Record<string, ColumnKind>>

export const demoDatasetNames = Object.keys(demoDatasets) as readonly DemoDataset[]

type Value = string | number | boolean | null

/** One row, its values in the order of the dataset's columns. */
export type Row = readonly Value[]
