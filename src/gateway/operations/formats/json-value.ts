import type { LogicalType } from '../../../../models/types.js'
import type { FormatOptions } from './format.js'

/** A value as JSON text. Integers and decimals as numbers keep all their digits: what reads them may not. */
export function jsonValue(
  value: string | number | bigint | boolean | null,
  type: LogicalType,
  decimals: FormatOptions['decimals'],
): string {
  if (value === null) return 'null'
  if (typeof value !== 'string') return String(value)
  return type.kind === 'decimal' && decimals === 'number' ? value : JSON.stringify(value)
}
