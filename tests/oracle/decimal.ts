/** Exact decimals as whole numbers of 10^-scale, written without looking at how the project does it. */

/** "12.5" at scale 2 → 1250n. Throws on text that is no plain decimal and on digits beyond the scale. */
export function parse(text: string, scale: number): bigint {
  const parts = /^(-?)(\d+)(?:\.(\d*))?$/.exec(text)
  if (parts === null) throw new Error(`Not a plain decimal: ${text}`)
  const fraction = (parts[3] ?? '').replace(/0+$/, '')
  if (fraction.length > scale) throw new Error(`More than ${scale} digits behind the point: ${text}`)
  const units = BigInt(`${parts[2]}${fraction.padEnd(scale, '0')}`)
  return parts[1] === '-' ? -units : units
}

/** 1250n at scale 2 → "12.50". */
export function format(units: bigint, scale: number): string {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0')
  const whole = digits.slice(0, digits.length - scale)
  const text = scale === 0 ? whole : `${whole}.${digits.slice(digits.length - scale)}`
  return units < 0n ? `-${text}` : text
}

/** n / d as a whole number, half away from zero. */
function divide(n: bigint, d: bigint): bigint {
  const negative = n < 0n !== d < 0n
  const top = n < 0n ? -n : n
  const bottom = d < 0n ? -d : d
  const rest = top % bottom
  const quotient = top / bottom + (rest * 2n >= bottom ? 1n : 0n)
  return negative ? -quotient : quotient
}

/** 10^-from → 10^-to, half away from zero. */
export const rescale = (units: bigint, from: number, to: number): bigint =>
  to >= from ? units * 10n ** BigInt(to - from) : divide(units, 10n ** BigInt(from - to))

/** Quotient of two numbers of the same scale, as text at `scale`; null where it has no value. */
export function quotient(n: bigint | null, d: bigint | null, scale: number): string | null {
  if (n === null || d === null || d === 0n) return null
  return format(divide(n * 10n ** BigInt(scale), d), scale)
}
