import type { OracleSource } from '../oracle/input.js'
import { type Order, orderTotal } from './shop.js'

/** What the shop's sources hold when its products are as it was created with and its orders are these. */
export function shopOf(orders: readonly Order[]): OracleSource {
  return {
    source: 'shop',
    entities: {
      products: [
        { product_id: '0101', product_name: 'Teapot', category: 'NA', cost_price: '1.00', is_active: 'true' },
        { product_id: '0102', product_name: 'Cup', category: 'NY', cost_price: '0.50', is_active: 'true' },
      ],
      sales: orders.map((order) => ({
        sale_id: order.order,
        sale_status: order.status,
        ordered_at: `${order.day}T12:00:00Z`,
        order_date: order.day,
        currency: 'USD',
        exchange_rate: '1',
        discount_amount: '0',
        tax_amount: '0',
        shipping_amount: '0',
        total_amount: orderTotal(order),
      })),
      sale_items: orders.map((order) => ({
        sale_id: order.order,
        line_number: '1',
        product_id: order.product,
        quantity: String(order.quantity),
        unit_price: '2.50',
        discount_amount: '0',
        tax_amount: '0',
      })),
    },
  }
}
