import { z } from 'zod'

const text = z.string().min(1, 'must not be empty')
const roleName = z
  .string()
  .regex(
    /^[a-z][a-z0-9_-]{0,39}$/,
    'a name is lower-case letters, digits, "-" and "_", begins with a letter and has at most 40 of them',
  )
const claim = /^\$claims\.[A-Za-z0-9_:/.-]{1,100}$/
/** What looks like a claim and is none would be a value that no row has: the role would see nothing, and nobody would be told. */
const notNearlyClaim = (given: string): boolean => claim.test(given) || !/^\W+claims?\b|^claims?\./i.test(given)
const value = z.union(
  [text.refine(notNearlyClaim, 'is nearly a claim: write it as "$claims.country"'), z.number(), z.boolean()],
  { error: 'must be a text, a number, true, false or a claim such as "$claims.country"' },
)

const rule = z
  .strictObject({
    eq: value
      .optional()
      .describe('The value that rows must have; "$claims.country" is the claim "country" of the caller.'),
    in: z
      .union(
        [
          z.array(value).min(1, 'must hold a value'),
          text.regex(claim, 'is a list, or a claim such as $claims.countries'),
        ],
        { error: 'must be a list of texts, numbers, true or false, or a claim such as "$claims.countries"' },
      )
      .optional()
      .describe('The values that rows may have, or a claim that holds a list of them.'),
    visibleWithout: z
      .array(text)
      .default([])
      .describe('Models that lack the dimension and are shown all the same. All others that lack it are not visible.'),
  })
  .refine((given) => (given.eq === undefined) !== (given.in === undefined), 'takes one of "eq" and "in"')

/** What engines that bill by bytes bill a statement at least. */
export const leastBytes = 10_485_760

const positive = z.int().min(1)
const limits = z
  .strictObject({
    depth: positive.optional(),
    aliases: z.int().min(0).optional(),
    fields: positive.optional(),
    maxPageSize: positive.optional(),
    relatedRows: positive.optional(),
    statementTimeoutMs: positive.optional(),
    requestsPerMinute: positive.optional(),
    exports: positive.optional(),
    exportRows: positive
      .optional()
      .describe(
        'Where left out, a role with a smaller "maxPageSize" than the gateway’s exports no more rows than that.',
      ),
    bytes: z.int().min(leastBytes).optional(),
  })
  .describe('Limits tighter than those of gateway.limits; they mean the same.')

const role = z.strictObject({
  models: z.array(text).optional().describe('Models that it sees. Default: all.'),
  rows: z
    .record(text, rule)
    .default({})
    .describe(
      'Which rows it reads: conditions by dimension, for each model that has it, or by "model.dimension". All must hold. A model that lacks a dimension is not visible.',
    ),
  hide: z
    .array(text)
    .default([])
    .describe('Columns that are not there for it, in each model that has them, or "model.column".'),
  limits: limits.prefault({}),
})

export const roles = z
  .record(
    roleName.refine((name) => name !== 'unrestricted', '"unrestricted" is the built-in role that sees everything'),
    role,
  )
  .describe('What callers may ask, by the name of their role.')

export type RolesFile = z.output<typeof roles>
