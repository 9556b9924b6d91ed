const plainNotation = /^(-?)(\d+)(?:\.(\d+))?$/

/**
 * A decimal in plain notation ("-12.50") as a count of units of 10^-scale, rounded down, and whether that is exactly it.
 * Throws a RangeError for anything else (an exponent, spaces, a plus sign).
 */
export function unitsOf(text: string, scale: number): { readonly floor: bigint; readonly exact: boolean } {
  const parts = plainNotation.exec(text)
  if (parts === null) throw new RangeError(`Not a decimal in plain notation: ${JSON.stringify(text.slice(0, 60))}.`)
  const [, sign = '', whole = '', fraction = ''] = parts
  const magnitude = BigInt(whole + fraction.slice(0, scale).padEnd(scale, '0'))
  const exact = !/[1-9]/.test(fraction.slice(scale))
  if (sign === '') return { floor: magnitude, exact }
  return { floor: exact ? -magnitude : -magnitude - 1n, exact }
}

/** The decimal with exactly `scale` digits behind the point; zero has no sign. */
export function decimalFromUnits(units: bigint, scale: number): string {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0')
  const point = digits.length - scale
  return `${units < 0n ? '-' : ''}${digits.slice(0, point)}${scale === 0 ? '' : `.${digits.slice(point)}`}`
}
