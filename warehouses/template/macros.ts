import type { LogicalType } from '../../models/types.js'
import type { DateGrain, Dialect } from '../contract/dialect.js'

/** What a macro's parameter takes. All but `scale` are written in single quotes. */
type ParameterKind = 'sql' | 'grain' | 'scale' | 'type' | 'name'

export interface MacroSpec {
  readonly parameters: readonly { readonly name: string; readonly kind: ParameterKind }[]
  /** Arguments were checked against `parameters`: as many, `scale` a number and everything else text. */
  render(dialect: Dialect, args: readonly (string | number)[]): string
}

const grains: readonly DateGrain[] = ['day', 'week', 'month', 'quarter', 'year']

const sql = (name: string) => ({ name, kind: 'sql' }) as const
const text = (args: readonly (string | number)[], at: number): string => String(args[at])

/** One SQL expression in front of one more. */
const two = (
  first: string,
  second: string,
  pick: (dialect: Dialect) => (a: string, b: string) => string,
): MacroSpec => ({
  parameters: [sql(first), sql(second)],
  render: (dialect, args) => pick(dialect)(text(args, 0), text(args, 1)),
})

/** The macros of SQL files besides `silver('…')` and `gold('…')`, which name tables. */
export const macroSpecs: ReadonlyMap<string, MacroSpec> = new Map<string, MacroSpec>([
  [
    'trunc_date',
    {
      parameters: [{ name: 'grain', kind: 'grain' }, sql('date')],
      render: (dialect, args) => dialect.macros.truncDate(parseGrain(text(args, 0)), text(args, 1)),
    },
  ],
  [
    'weekday',
    {
      parameters: [sql('date')],
      // Counted from a Monday, the first day that SQL knows: engines name the same day 0, 1, 6 or 7, and a week of theirs costs more than a subtraction.
      render: ({ macros }, args) => `(MOD(${macros.daysBetween("DATE '0001-01-01'", text(args, 0))}, 7) + 1)`,
    },
  ],
  ['days_between', two('start', 'end', (dialect) => dialect.macros.daysBetween)],
  ['add_days', two('date', 'days', (dialect) => dialect.macros.addDays)],
  ['month_end', { parameters: [sql('date')], render: (dialect, args) => dialect.macros.monthEnd(text(args, 0)) }],
  ['month_ends', two('first', 'last', (dialect) => dialect.macros.monthEnds)],
  [
    'ratio',
    {
      parameters: [sql('numerator'), sql('denominator'), { name: 'scale', kind: 'scale' }],
      render: (dialect, args) => dialect.macros.ratio(text(args, 0), text(args, 1), Number(args[2])),
    },
  ],
  ['mul', two('left', 'right', (dialect) => dialect.macros.mul)],
  [
    'round',
    {
      parameters: [sql('expression'), { name: 'scale', kind: 'scale' }],
      render: (dialect, args) => dialect.macros.round(text(args, 0), Number(args[1])),
    },
  ],
  ['least', two('left', 'right', (dialect) => dialect.macros.least)],
  ['greatest', two('left', 'right', (dialect) => dialect.macros.greatest)],
  [
    'cast',
    {
      parameters: [sql('expression'), { name: 'type', kind: 'type' }],
      render: (dialect, args) => dialect.cast(text(args, 0), parseLogicalType(text(args, 1))),
    },
  ],
])

/** How a macro is written, for error messages: `ratio('numerator', 'denominator', scale)`. */
export function usage(name: string, parameters: MacroSpec['parameters']): string {
  return `${name}(${parameters.map((each) => (each.kind === 'scale' ? each.name : `'${each.name}'`)).join(', ')})`
}

function parseGrain(word: string): DateGrain {
  const grain = grains.find((each) => each === word)
  if (grain === undefined) throw new RangeError(`'${word}' is not a grain: ${grains.join(', ')}.`)
  return grain
}

/** The type that `cast` names: text, integer, boolean, date, timestamp or decimal(p,s). Throws a RangeError. */
function parseLogicalType(word: string): LogicalType {
  switch (word) {
    case 'text':
    case 'integer':
    case 'boolean':
    case 'date':
    case 'timestamp':
      return { kind: word }
  }
  const digits = /^decimal\((\d{1,2}), ?(\d{1,2})\)$/.exec(word)
  const precision = Number(digits?.[1])
  const scale = Number(digits?.[2])
  if (digits === null || precision < 1 || precision > 38 || scale > precision)
    throw new RangeError(
      `'${word}' is not a type: text, integer, boolean, date, timestamp or decimal(p,s) with at most 38 digits.`,
    )
  return { kind: 'decimal', precision, scale }
}
