import type { OracleRow, OracleSource } from './input.js'

/** A small seeded generator (mulberry32), so that a failing seed fails again. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** Sources full of what real data is full of: missing references, NULLs, negative amounts, gaps and unknown entities. */
export function randomSources(seed: number): OracleSource[] {
  const next = random(seed)
  const whole = (from: number, to: number): number => from + Math.floor(next() * (to - from + 1))
  const chance = (p: number): boolean => next() < p
  const one = (...values: readonly string[]): string => values[whole(0, values.length - 1)] ?? ''
  const digits = (from: number, to: number, scale: number): string => {
    const units = whole(from, to)
    const text = String(Math.abs(units)).padStart(scale + 1, '0')
    return `${units < 0 ? '-' : ''}${text.slice(0, -scale)}.${text.slice(-scale)}`
  }
  const maybe = (value: string, p = 0.8): string | null => (chance(p) ? value : null)
  const day = (): string => new Date(Date.UTC(2023, 10, whole(1, 200))).toISOString().slice(0, 10)
  /** Many on days of orders, so that birthdays are met to the day, and some on 29 February. */
  const birthday = (): string =>
    chance(0.2) ? '2000-02-29' : `${whole(1930, 2024)}${day().slice(4).replace('02-29', '02-28')}`
  const at = (date: string): string =>
    `${date}T${String(whole(0, 23)).padStart(2, '0')}:30:00.${String(whole(0, 999999)).padStart(6, '0')}Z`
  const many = (count: number, make: (i: number) => OracleRow): OracleRow[] =>
    Array.from({ length: count }, (_, i) => make(i))
  const cents = (): string => digits(-3000, 90000, 2)

  const source = (name: string): OracleSource => {
    const sales = many(whole(0, 120), (i) => {
      const date = day()
      return {
        sale_id: `o${i}`,
        customer_id: maybe(`c${whole(0, 30)}`),
        store_id: maybe(`s${whole(0, 8)}`),
        campaign_id: maybe(`k${whole(0, 6)}`, 0.4),
        sale_status: one('completed', 'completed', 'pending', 'cancelled', 'refunded'),
        channel: maybe('web'),
        payment_method: maybe('card'),
        ordered_at: at(date),
        order_date: date,
        delivered_on: maybe(day(), 0.5),
        currency: one('EUR', 'IDR'),
        exchange_rate: one('1', '0.923457', '17650.500000'),
        discount_amount: cents(),
        tax_amount: cents(),
        shipping_amount: cents(),
        total_amount: cents(),
      }
    })
    const all: OracleSource['entities'] = {
      products: many(whole(0, 20), (i) => ({
        product_id: `p${i}`,
        product_name: `Name ${i} “ü”`,
        category: one('A', 'B'),
        subcategory: maybe('a'),
        brand: maybe('b'),
        cost_price: maybe(digits(0, 999999, 4), 0.6),
        is_active: one('true', 'false'),
      })),
      customers: many(whole(0, 25), (i) => ({
        customer_id: `c${i}`,
        customer_name: `O'${i}`,
        email: maybe('x@example.org'),
        gender: maybe('f'),
        birth_date: maybe(birthday()),
        city: maybe('Köln'),
        state: maybe('NW'),
        country: maybe('DE'),
        continent: maybe('Europe'),
        loyalty_tier: maybe('gold'),
        signup_date: maybe(day(), 0.5),
        segment: maybe('new'),
      })),
      stores: many(whole(0, 6), (i) => ({
        store_id: `s${i}`,
        store_name: `Store ${i}`,
        store_type: one('physical', 'online'),
        region: maybe('R'),
        country: maybe('FR'),
      })),
      campaigns: many(whole(0, 5), (i) => ({
        campaign_id: `k${i}`,
        campaign_name: `Campaign ${i}`,
        channel: 'email',
        budget: one('0.00', '10.00', '333.33', '-7.00'),
        start_date: day(),
        end_date: day(),
      })),
      sales,
      sale_items: many(whole(0, 300), (i) => ({
        sale_id: `o${whole(0, 130)}`,
        line_number: String(i),
        product_id: `p${whole(0, 24)}`,
        quantity: String(whole(-2, 9)),
        unit_price: digits(0, 999999, 4),
        unit_cost: maybe(digits(0, 999999, 4), 0.3),
        discount_amount: digits(0, 500, 2),
        tax_amount: digits(0, 500, 2),
      })),
      inventory: many(whole(0, 30), (i) => ({
        inventory_id: `i${i}`,
        product_id: `p${whole(0, 24)}`,
        store_id: `s${whole(0, 8)}`,
        stock_quantity: String(whole(-2, 9)),
        reorder_level: String(whole(0, 5)),
        last_updated_at: at(day()),
      })),
      returns: many(whole(0, 30), (i) => {
        const date = day()
        return {
          return_id: `r${i}`,
          sale_id: maybe(`o${whole(0, 130)}`),
          product_id: maybe(`p${whole(0, 24)}`),
          returned_at: at(date),
          return_date: date,
          refund_amount: cents(),
        }
      }),
    }
    const known = Object.fromEntries(Object.entries(all).filter(() => chance(0.85)))
    return { source: name, entities: known, ...(chance(0.5) ? { asOf: day() } : {}) }
  }
  return [source('one'), source('two'), source('three')]
}
