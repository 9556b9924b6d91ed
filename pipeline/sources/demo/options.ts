import { z } from 'zod'
import { dayOf } from './calendar.js'

const demoFormats = ['ndjson', 'json', 'csv'] as const
export type DemoFormat = (typeof demoFormats)[number]

export interface DemoOptions {
  readonly products: number
  readonly customers: number
  readonly stores: number
  readonly campaigns: number
  readonly sales: number
  /** Average number of lines of a sale; 1 means exactly one. */
  readonly itemsPerSale: number
  /** Rows, each another product in another store. */
  readonly inventory: number
  /** Share of the sales that have at least one return, 0 to 1. */
  readonly returnRate: number
  /** First day of sales, "YYYY-MM-DD". */
  readonly from: string
  /** Last day of sales, deliveries and returns, "YYYY-MM-DD". */
  readonly to: string
  readonly seed: number
  readonly format: DemoFormat
}

/** Two years, fixed: a demo must not depend on the day it is generated. */
export const demoDefaults: DemoOptions = {
  products: 1_000,
  customers: 5_000,
  stores: 20,
  campaigns: 24,
  sales: 20_000,
  itemsPerSale: 3,
  inventory: 5_000,
  returnRate: 0.08,
  from: '2024-01-01',
  to: '2025-12-31',
  seed: 1,
  format: 'ndjson',
}

/** An option that cannot be met; the message names it, its limits and what was given. */
class DemoOptionError extends Error {
  readonly code = 'INVALID_OPTION'
  constructor(
    readonly option: keyof DemoOptions,
    message: string,
  ) {
    super(message)
    this.name = 'DemoOptionError'
  }
}

const count = (least: number, most: number) =>
  z
    .int(`must be a whole number from ${least} to ${most}`)
    .min(least, `must be at least ${least}`)
    .max(most, `must be at most ${most}`)

const day = z
  .string('must be a date like 2024-01-31')
  .refine((text) => dayOf(text) !== undefined, 'must be a date from 1990-01-01 to 2199-12-31, like 2024-01-31')

const schema: z.ZodType<DemoOptions> = z.strictObject({
  products: count(1, 10_000_000),
  customers: count(0, 100_000_000),
  stores: count(0, 1_000_000),
  campaigns: count(0, 1_000_000),
  sales: count(1, 10_000_000_000),
  itemsPerSale: z.number('must be a number from 1 to 100').min(1, 'must be at least 1').max(100, 'must be at most 100'),
  inventory: count(0, 1_000_000_000),
  returnRate: z.number('must be a number from 0 to 1').min(0, 'must be at least 0').max(1, 'must be at most 1'),
  from: day,
  to: day,
  seed: count(0, Number.MAX_SAFE_INTEGER),
  format: z.enum(demoFormats, `must be one of ${demoFormats.join(', ')}`),
})

/** The defaults with `given` over them; no more inventory than there are products in stores, unless it is given. Throws `DemoOptionError`. An option given as undefined counts as not given. */
export function demoOptions(given: Partial<DemoOptions> = {}): DemoOptions {
  const stated = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  const parsed = schema.safeParse({ ...demoDefaults, ...stated })
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    const option = (issue?.path[0] ?? unknownKey(issue)) as keyof DemoOptions
    throw new DemoOptionError(option, `${option} ${issue?.message ?? 'is not valid'} (given: ${String(given[option])})`)
  }
  const options = { ...parsed.data }
  const places = options.products * options.stores
  if (stated.inventory === undefined) options.inventory = Math.min(options.inventory, places)
  if (options.from > options.to) {
    throw new DemoOptionError('from', `from (${options.from}) must not be after to (${options.to})`)
  }
  if (options.inventory > places) {
    const most = `${options.products} products × ${options.stores} stores = ${places}`
    throw new DemoOptionError('inventory', `inventory must be at most ${most} (given: ${options.inventory})`)
  }
  return options
}

function unknownKey(issue: z.core.$ZodIssue | undefined): string {
  return issue?.code === 'unrecognized_keys' ? (issue.keys[0] ?? '') : ''
}
