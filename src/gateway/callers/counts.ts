import { isIPv6 } from 'node:net'
import { LRUCache } from 'lru-cache'

const windowMs = 60_000
/** Whoever can ask under more names than this in a minute is not stopped by counting; the memory of the process is worth more. */
const maxNames = 100_000

/** Counts what each of many does in this process, minute by minute. */
export class Counts {
  private readonly counts = new LRUCache<string, number>({ max: maxNames })
  private began = 0

  constructor(private readonly now: () => number) {}

  of(name: string): number {
    this.begin()
    return this.counts.get(name) ?? 0
  }

  /** One more; gives how many there are now. */
  add(name: string): number {
    const count = this.of(name) + 1
    this.counts.set(name, count)
    return count
  }

  /** Seconds until all begin again; at least one. */
  secondsLeft(): number {
    return Math.max(1, Math.ceil((this.began + windowMs - this.now()) / 1000))
  }

  private begin(): void {
    const now = this.now()
    if (now - this.began < windowMs) return
    this.counts.clear()
    this.began = now
  }
}

/** Whose an address is: of IPv6 its first 64 bits, since one customer of a provider has all addresses behind them. */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address
  const mapped = /^::ffff:(\d+(\.\d+){3})$/i.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  const [head = '', tail] = (address.split('%')[0] ?? '').split('::')
  const groups = head === '' ? [] : head.split(':')
  const behind = tail ? tail.split(':').length : 0
  const whole = tail === undefined ? groups : [...groups, ...Array(Math.max(0, 8 - groups.length - behind)).fill('0')]
  return `${[...whole, ...(tail ? tail.split(':') : [])].slice(0, 4).join(':')}::/64`
}
