import type { Comparison, Param, Statement, Value } from '../contract/values.js'
import { canBeStored, comparable } from './comparable.js'

/** What a value is compared by. */
export type SlotUse = Comparison | 'contains' | 'startsWith'

/** A value that another question may have another one in the place of: what is compiled with it may be used again. */
export class Slot {
  private held = true

  constructor(
    readonly name: string,
    readonly value: NonNullable<Value>,
  ) {}

  /** Whether the text of a statement holds for other values too. */
  get fits(): boolean {
    return this.held
  }

  /** The text was made for this very value. */
  settle(): void {
    this.held = false
  }

  /** As the value stands in what is written of a question. */
  toJSON(): Value {
    return this.value
  }

  /** Whoever reads the value makes something of it. */
  toString(): string {
    this.settle()
    return String(this.value)
  }
}

export const valueIn = (value: NonNullable<Value> | Slot): NonNullable<Value> =>
  value instanceof Slot ? value.value : value

/** The same statement without the values of its slots, for who keeps it: one may be as long as a request. */
export const withoutValues = (statement: Statement): Statement => ({
  ...statement,
  params: statement.params.map((param) => (param.slot ? { ...param, value: null } : param)),
})

/** The same statement with other values; undefined where one of them would make another text. */
export function withValues(statement: Statement, values: Readonly<Record<string, unknown>>): Statement | undefined {
  const params: Param[] = []
  for (const param of statement.params) {
    const { slot } = param
    if (!slot) params.push(param)
    else {
      const value = fitted(slot.use, values[slot.name], param)
      if (value === undefined) return undefined
      params.push({ type: param.type, value })
    }
  }
  return { ...statement, params }
}

function fitted(use: SlotUse, value: unknown, { type }: Param): NonNullable<Value> | undefined {
  if (typeof value !== 'string' && typeof value !== 'bigint' && typeof value !== 'boolean') return undefined
  if (use === 'contains' || use === 'startsWith')
    return typeof value === 'string' && canBeStored(value) ? value : undefined
  const found = comparable(use, value, type)
  return typeof found === 'object' && found.op === use ? found.value : undefined
}
