import { describe, expect, it } from 'vitest'
import { type DemoOptions, demoDefaults, demoOptions } from './options.js'

describe('options of the demo', () => {
  it('are two years and 20,000 sales by default, whatever the day', () => {
    expect(demoOptions()).toEqual(demoDefaults)
    expect(demoOptions()).toMatchObject({ sales: 20_000, from: '2024-01-01', to: '2025-12-31' })
    expect(demoOptions({ sales: undefined })).toEqual(demoDefaults)
  })

  it('keep no more inventory by default than there are products in stores', () => {
    expect(demoOptions({ products: 100 }).inventory).toBe(2_000)
    expect(demoOptions({ stores: 0 }).inventory).toBe(0)
  })

  const wrong: [Partial<Record<keyof DemoOptions, unknown>>, RegExp][] = [
    [{ products: 0 }, /^products must be at least 1 \(given: 0\)$/],
    [{ sales: 1.5 }, /^sales must be a whole number from 1 to .* \(given: 1.5\)$/],
    [{ customers: Number.NaN }, /^customers must be a whole number/],
    [{ itemsPerSale: 0.5 }, /^itemsPerSale must be at least 1/],
    [{ returnRate: 8 }, /^returnRate must be at most 1 \(given: 8\)/],
    [{ from: '2024-02-30' }, /^from must be a date .* \(given: 2024-02-30\)$/],
    [{ to: 'tomorrow' }, /^to must be a date/],
    [{ from: '2025-01-02', to: '2025-01-01' }, /^from \(2025-01-02\) must not be after to \(2025-01-01\)$/],
    [{ seed: -1 }, /^seed must be at least 0/],
    [{ format: 'xml' }, /^format must be one of ndjson, json, csv \(given: xml\)$/],
    [
      { products: 10, stores: 2, inventory: 21 },
      /^inventory must be at most 10 products × 2 stores = 20 \(given: 21\)$/,
    ],
    [{ colour: 'red' } as never, /^colour .*ecognized/],
  ]
  it.each(wrong)('%j is refused with a message that names the option', (given, message) => {
    expect(() => demoOptions(given as Partial<DemoOptions>)).toThrow(message)
  })
})
