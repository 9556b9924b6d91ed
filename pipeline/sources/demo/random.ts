/** A small seeded generator (sfc32): the same seed and label give the same numbers on every machine. */
export interface Random {
  /** In [0, 1), 32 bits. */
  next(): number
  /** A whole number in [0, bound). */
  below(bound: number): number
  /** A whole number in [low, high], both included. */
  between(low: number, high: number): number
  chance(probability: number): boolean
  pick<T>(list: readonly T[]): T
}

/** `label` separates the streams of one seed, so that more customers do not change the products. */
export function createRandom(seed: number, label: string): Random {
  let a = hash(label)
  let b = seed >>> 0
  let c = Math.floor(seed / 0x1_0000_0000) >>> 0
  let counter = 1

  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return (sum >>> 0) / 0x1_0000_0000
  }
  // The first numbers still resemble the seed.
  for (let i = 0; i < 15; i++) next()

  const below = (bound: number): number => Math.floor(next() * bound)
  return {
    next,
    below,
    between: (low, high) => low + below(high - low + 1),
    chance: (probability) => next() < probability,
    pick: (list) => {
      const picked = list[below(list.length)]
      if (picked === undefined) throw new RangeError('cannot pick from an empty list')
      return picked
    },
  }
}

/** The numbers 0 … size-1 in random order. */
export function permutation(size: number, random: Random): Int32Array {
  const order = new Int32Array(size)
  for (let i = 0; i < size; i++) {
    const j = random.below(i + 1)
    order[i] = order[j] ?? 0
    order[j] = i
  }
  return order
}

/** Draws an index with probability proportional to its weight. */
export function weighted(weights: readonly number[]): (random: Random) => number {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  let sum = 0
  const thresholds = weights.map((weight) => {
    sum += weight
    return sum / total
  })
  return (random) => {
    const drawn = random.next()
    const index = thresholds.findIndex((threshold) => drawn < threshold)
    return index < 0 ? weights.length - 1 : index
  }
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  return value >>> 0
}
