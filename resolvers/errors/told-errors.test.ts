import { expect, test } from 'vitest'
import { toldErrors } from './told-errors.js'

const errors = (...messages: readonly string[]) => messages.map((message) => ({ message }))
const told = (given: readonly { readonly message: string }[]) =>
  toldErrors(given, ({ message }) => ({ message })).map(({ message }) => message)

test('twenty errors are all told', () => {
  const given = errors(...Array.from({ length: 20 }, () => 'same'))
  expect(told(given)).toEqual(given.map(({ message }) => message))
})

test('what repeats makes room for what is new, in the order of the answer', () => {
  const given = errors(
    ...Array.from({ length: 100 }, () => 'same'),
    'other',
    ...Array.from({ length: 5 }, () => 'same'),
  )
  const [last, new_, ...same] = told(given).reverse()
  expect([last, new_, new Set(same), same.length]).toEqual([
    'There are 86 more errors, which are left out.',
    'other',
    new Set(['same']),
    19,
  ])
})

test('what is left out is not formatted, so that it fills no log', () => {
  let formatted = 0
  toldErrors(errors(...Array.from({ length: 500 }, (_, i) => `${i}`)), ({ message }) => {
    formatted += 1
    return { message }
  })
  expect(formatted).toBe(20)
})
