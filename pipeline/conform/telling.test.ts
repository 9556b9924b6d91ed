import { expect, it } from 'vitest'
import type { ConformProgress } from './contract.js'
import { Telling } from './telling.js'

it('what is typed is told along with what is being read, and alone once everything is read', () => {
  const told: ConformProgress[] = []
  const telling = new Telling((progress) => told.push(progress))
  telling.reads('sales', 0, 0)
  telling.types('products')
  telling.reads('sales', 7, 70)
  telling.types(undefined)
  telling.endsReading()
  telling.types('sales')
  const beginning = { phase: 'read', subject: 'sales', rows: 0, bytes: 0 }
  const end = { phase: 'read', subject: 'sales', rows: 7, bytes: 70 }
  expect(told).toEqual([
    beginning,
    { ...beginning, typing: 'products' },
    { ...end, typing: 'products' },
    end,
    { ...end, phase: 'type' },
  ])
})
