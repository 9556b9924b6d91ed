import type { LogicalType } from '../../models/types.js'
import type { Dialect } from '../contract/dialect.js'
import type { Param, Value } from '../contract/values.js'

/** Collects the bound values of one statement and hands out their placeholders. A placeholder may be used more than once. */
export class Parameters {
  readonly #params: Param[] = []

  constructor(private readonly dialect: Dialect) {}

  /** SQL that stands for `value`, cast to `type`. */
  bind(value: NonNullable<Value>, type: LogicalType, slot?: Param['slot']): string {
    this.#params.push(slot ? { type, value, slot } : { type, value })
    return this.dialect.param(this.#params.length, type)
  }

  all(): readonly Param[] {
    return this.#params
  }
}
