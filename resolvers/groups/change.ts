import type { LogicalType, Measure } from '../../models/types.js'
import { groupedType } from '../../warehouses/compiler/group-query.js'
import { decimalFromUnits, unitsOf } from '../../warehouses/contract/decimal.js'
import type { Value } from '../../warehouses/contract/values.js'

/** Digits behind the point of a relative change. */
export const changeScale = 4

export const isNumeric = ({ type }: Measure): boolean => type.kind === 'integer' || type.kind === 'decimal'

/** now − before, exactly, in the measure's own unit; NULL where either is. */
export function difference(measure: Measure, now: Value, before: Value): Value {
  const type = groupedType(measure)
  const [a, b] = [units(now, type), units(before, type)]
  if (a === undefined || b === undefined) return null
  return type.kind === 'integer' ? a - b : decimalFromUnits(a - b, scaleOf(type))
}

/** (now − before) / |before|, rounded half away from zero to `changeScale`; NULL where either is, or `before` is 0. */
export function relativeChange(measure: Measure, now: Value, before: Value): Value {
  const type = groupedType(measure)
  const [a, b] = [units(now, type), units(before, type)]
  if (a === undefined || b === undefined || b === 0n) return null
  const whole = b < 0n ? -b : b
  const change = (a - b) * 10n ** BigInt(changeScale)
  const rounded = (2n * (change < 0n ? -change : change) + whole) / (2n * whole)
  return decimalFromUnits(change < 0n ? -rounded : rounded, changeScale)
}

const units = (value: Value, type: LogicalType): bigint | undefined =>
  value === null ? undefined : unitsOf(String(value), scaleOf(type)).floor

const scaleOf = (type: LogicalType): number => (type.kind === 'decimal' ? type.scale : 0)
