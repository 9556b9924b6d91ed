import { expect, test } from 'vitest'
import { requireOneCurrency } from './currencies.js'

test('sources of one currency go together', () => {
  requireOneCurrency([])
  requireOneCurrency([
    { name: 'demo', currency: 'EUR' },
    { name: 'shop', currency: 'EUR' },
  ])
})

test('sources of different currencies are refused by name', () => {
  const mixed = [
    { name: 'demo', currency: 'EUR' },
    { name: 'shop', currency: 'USD' },
    { name: 'branch', currency: 'EUR' },
  ]
  expect(() => requireOneCurrency(mixed)).toThrow(
    expect.objectContaining({
      code: 'CURRENCIES_DIFFER',
      message: expect.stringContaining('EUR (demo, branch), USD (shop)'),
    }),
  )
})
