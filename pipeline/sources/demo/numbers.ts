const two = Array.from({ length: 100 }, (_, n) => String(n).padStart(2, '0'))

/** Amounts are whole cents while they are computed, and get their point only when they are written: 1250 is "12.50". */
export function centsText(cents: number): string {
  const whole = Math.floor(cents / 100)
  return `${whole}.${two[cents - whole * 100]}`
}

/** Whole ten-thousandths: 123456 is "12.3456". May be negative. */
export function tenThousandthsText(value: number): string {
  const size = Math.abs(value)
  const whole = Math.floor(size / 10_000)
  const rest = size - whole * 10_000
  const high = (rest / 100) | 0
  return `${value < 0 ? '-' : ''}${whole}.${two[high]}${two[rest - high * 100]}`
}

/** Whole millionths: 1085000 is "1.085000". */
export function millionthsText(value: number): string {
  const digits = String(value).padStart(7, '0')
  return `${digits.slice(0, -6)}.${digits.slice(-6)}`
}

/** `percent` of an amount in whole cents, rounded half up. */
export function percentOf(cents: number, percent: number): number {
  return Math.floor((cents * percent + 50) / 100)
}

/** Makes ids like "P00042" of an index from 0, all of the same length when there are `count` of them. */
export function idMaker(prefix: string, count: number, leastDigits: number): (index: number) => string {
  const digits = Math.max(leastDigits, String(count).length)
  const heads = Array.from({ length: digits }, (_, length) => prefix + '0'.repeat(digits - length))
  return (index) => {
    const number = String(index + 1)
    return (heads[number.length] ?? prefix) + number
  }
}
