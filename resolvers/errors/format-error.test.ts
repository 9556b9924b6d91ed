import { GraphQLError } from 'graphql'
import { expect, test } from 'vitest'
import { WarehouseError } from '../../warehouses/contract/errors.js'
import { createFormatError } from './format-error.js'
import { GoldgateError } from './goldgate-error.js'

interface Logged {
  readonly message: string
  readonly fields: Readonly<Record<string, unknown>>
}

/** Formats an error as Apollo would hand it over after a resolver threw it. */
function format(thrown: Error) {
  const logged: Logged[] = []
  const error = new GraphQLError(thrown.message, { originalError: thrown, path: ['dailyRevenue'] })
  const formatError = createFormatError({ error: (message, fields = {}) => logged.push({ message, fields }) })
  const answer = formatError(
    { ...error.toJSON(), extensions: { code: 'INTERNAL_SERVER_ERROR', ...error.extensions } },
    error,
  )
  return { answer, logged }
}

test('a GoldgateError passes with its code, message and details', () => {
  const { answer, logged } = format(
    new GoldgateError('NOT_PUBLISHED', 'Nothing yet.', { details: { warehouse: 'duckdb' } }),
  )
  expect(answer).toEqual({
    message: 'Nothing yet.',
    path: ['dailyRevenue'],
    extensions: { code: 'NOT_PUBLISHED', warehouse: 'duckdb' },
  })
  expect(logged).toEqual([])
})

test('the cause of a GoldgateError goes to the log only', () => {
  const cause = new Error('password authentication failed for user "secret"')
  const { answer, logged } = format(new GoldgateError('CONTROL_DATABASE_UNAVAILABLE', 'Not now.', { cause }))
  expect(JSON.stringify(answer)).not.toContain('secret')
  expect(logged[0]?.fields).toMatchObject({ code: 'CONTROL_DATABASE_UNAVAILABLE', error: cause.message })
})

test.each<[string, Error]>([
  [
    'an engine’s refusal',
    new WarehouseError('WAREHOUSE_ERROR', 'postgres', 'relation "gold_builds"."x" does not exist'),
  ],
  ['a fence', new WarehouseError('FENCED', 'postgres', 'token 7')],
  ['a bug', new TypeError('Cannot read properties of undefined')],
  [
    'an error that claims a code of the protocol',
    Object.assign(new Error('hidden'), { extensions: { code: 'BAD_USER_INPUT' } }),
  ],
  ['an error of the executor', new GraphQLError('Cannot return null for non-nullable field Row.a.')],
])('%s is masked, and logged under the reference the client gets', (_, thrown) => {
  const { answer, logged } = format(thrown)
  expect(answer.extensions?.code).toBe('INTERNAL_ERROR')
  expect(answer.message).not.toContain(thrown.message)
  expect(JSON.stringify(answer)).not.toContain('stack')
  expect(logged).toHaveLength(1)
  expect(logged[0]?.fields).toMatchObject({
    reference: answer.extensions?.reference,
    path: 'dailyRevenue',
    error: thrown.message,
  })
  expect(answer.message).toContain(String(answer.extensions?.reference))
})

test('a failure outside any field is masked too, whatever code it carries', () => {
  const thrown = new TypeError('secret')
  const error = new GraphQLError(thrown.message, { originalError: thrown, extensions: { code: 'BAD_REQUEST' } })
  const answer = createFormatError({ error: () => undefined })(error.toJSON(), error)
  expect(answer.extensions?.code).toBe('INTERNAL_ERROR')
  expect(answer.message).not.toContain('secret')
})

test('a cancelled statement is no fault', () => {
  const { answer, logged } = format(new WarehouseError('CANCELLED', 'duckdb', 'INTERRUPT'))
  expect(answer.extensions).toEqual({ code: 'CANCELLED' })
  expect(logged).toEqual([])
})
