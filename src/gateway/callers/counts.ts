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
