const largest = 8 * 2 ** 20

/** One piece of memory for what is written and copied at one stroke: what may be needed is several times what is needed, and asking for it each time costs more than the copy. */
export function scratch(): (bytes: number) => Uint8Array {
  let place = Buffer.alloc(0)
  return (bytes) => {
    if (bytes > largest) return Buffer.allocUnsafeSlow(bytes)
    if (bytes > place.length) place = Buffer.allocUnsafeSlow(Math.min(largest, Math.max(bytes, 2 * place.length)))
    return place
  }
}
