import { GoldgateError, type Limits } from '../../../resolvers/index.js'
import type { WarehouseReader } from '../../../warehouses/contract/warehouse.js'

/** Who asks for an export. */
export interface Exporter {
  readonly who: string
  /** `exports`: how many of his may run side by side in one warehouse. `exportWaitMs`: how long he waits for a place. */
  readonly limits: Pick<Limits, 'exports' | 'exportWaitMs'>
  /** Aborts when he goes away. */
  readonly signal: AbortSignal | undefined
}

interface Places {
  readonly byCaller: Map<string, number>
  busy: number
  /** In the order in which they came. */
  readonly waiting: Set<{ readonly exporter: Exporter; go(): void }>
}

/**
 * The exports that run in each warehouse. An export lasts as long as its client takes it, so whoever reads slowly keeps a place: no caller has all of them, and
 * one who finds none waits a little and is then told to come again.
 */
export class ExportPlaces {
  private readonly places = new Map<string, Places>()

  constructor(private readonly onRefused: (warehouse: string) => void = () => undefined) {}

  /** A place until what comes back is called, once. Throws EXPORTS_BUSY where there is none in time, and the reason of the signal. */
  async take(warehouse: Pick<WarehouseReader, 'name' | 'streams'>, exporter: Exporter): Promise<() => void> {
    exporter.signal?.throwIfAborted()
    const places = this.of(warehouse.name)
    const hasRoom = ({ who, limits }: Exporter) =>
      places.busy < (warehouse.streams ?? Number.POSITIVE_INFINITY) && (places.byCaller.get(who) ?? 0) < limits.exports
    const sit = ({ who }: Exporter) => {
      places.busy += 1
      places.byCaller.set(who, (places.byCaller.get(who) ?? 0) + 1)
    }
    if (hasRoom(exporter)) sit(exporter)
    else await this.wait(warehouse, places, exporter)
    return () => {
      places.busy -= 1
      const left = (places.byCaller.get(exporter.who) ?? 1) - 1
      if (left > 0) places.byCaller.set(exporter.who, left)
      else places.byCaller.delete(exporter.who)
      for (const next of places.waiting) {
        if (!hasRoom(next.exporter)) continue
        sit(next.exporter)
        next.go()
      }
    }
  }

  /** By warehouse, where there were any. */
  states(): ReadonlyMap<string, Readonly<Record<'busy' | 'waiting', number>>> {
    return new Map([...this.places].map(([name, { busy, waiting }]) => [name, { busy, waiting: waiting.size }]))
  }

  private of(name: string): Places {
    const known = this.places.get(name)
    if (known) return known
    const places = { byCaller: new Map(), busy: 0, waiting: new Set<never>() }
    this.places.set(name, places)
    return places
  }

  private wait(warehouse: Pick<WarehouseReader, 'name'>, places: Places, exporter: Exporter): Promise<void> {
    const { signal, limits } = exporter
    return new Promise((resolve, reject) => {
      const end = (then: () => void): void => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', left)
        places.waiting.delete(waiting)
        then()
      }
      const waiting = { exporter, go: () => end(resolve) }
      const left = () => end(() => reject(signal?.reason))
      const timer = setTimeout(() => {
        this.onRefused(warehouse.name)
        end(() => reject(busy(warehouse.name, places, exporter)))
      }, limits.exportWaitMs)
      signal?.addEventListener('abort', left, { once: true })
      places.waiting.add(waiting)
    })
  }
}

function busy(warehouse: string, { byCaller }: Places, { who, limits }: Exporter): GoldgateError {
  const retryAfter = Math.max(1, Math.ceil(limits.exportWaitMs / 1000))
  const reason =
    (byCaller.get(who) ?? 0) >= limits.exports
      ? `As many exports of yours run in warehouse ${warehouse} as may at the same time: ${limits.exports}`
      : `All places for exports from warehouse ${warehouse} are taken`
  return new GoldgateError('EXPORTS_BUSY', `${reason}. Ask again in ${retryAfter} s.`, {
    details: { warehouse, retryAfter },
  })
}
