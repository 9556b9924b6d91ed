import type { Statement } from '../../warehouses/contract/values.js'
import type { QueryOptions } from '../../warehouses/contract/warehouse.js'
import { GoldgateError } from '../errors/goldgate-error.js'
import type { Pinned } from './pinned.js'

/** What stands in `extensions.goldgate.cost`. What nothing is known of is left out. */
export interface CostOfAnswer {
  /** Bytes that the statements were estimated to read before they ran, those that were refused too. */
  readonly bytes?: number
  /** Bytes that all statements of one request of this caller may be estimated to read. */
  readonly budget?: number
  /** Bytes that the warehouses say they have read. */
  readonly read?: number
}

/** What the statements of one request read in warehouses that bill by bytes. Statements that are answered from a cache read nothing. */
export class Cost {
  private bytes: bigint | undefined
  private bytesRead: bigint | undefined
  private readonly charged = new Map<string, Promise<void>>()
  private readonly estimates: Promise<bigint | undefined>[] = []

  constructor(private readonly budget: number | undefined) {}

  /** An estimate is a request of its own: it is asked for before statements run where there is a budget to compare it with. */
  isCharged({ warehouse }: Pinned): boolean {
    return this.budget !== undefined && warehouse.estimate !== undefined
  }

  /** Before a statement runs. Statements of equal keys run once, and are charged once. Throws BYTES_BUDGET_EXCEEDED, and what the warehouse throws. */
  charge(pinned: Pinned, statement: Statement, options: QueryOptions, key?: string): Promise<void> {
    const known = key === undefined ? undefined : this.charged.get(key)
    if (known) return known
    const charged = this.chargeNew(pinned, statement, options)
    if (key !== undefined) this.charged.set(key, charged)
    return charged
  }

  /** Undefined where the warehouse does not estimate. */
  estimate(pinned: Pinned, statement: Statement, options: QueryOptions): Promise<bigint | undefined> {
    const estimate = this.ask(pinned, statement, options)
    this.estimates.push(estimate)
    return estimate
  }

  hasRead(bytes: bigint): void {
    this.bytesRead = (this.bytesRead ?? 0n) + bytes
  }

  /** Undefined where nothing is known: no statement ran, or none in a warehouse that bills by bytes. */
  ofAnswer(): CostOfAnswer | undefined {
    const { bytes, bytesRead, budget } = this
    if (bytes === undefined && bytesRead === undefined) return undefined
    return {
      ...(bytes === undefined ? {} : { bytes: Number(bytes) }),
      ...(budget === undefined ? {} : { budget }),
      ...(bytesRead === undefined ? {} : { read: Number(bytesRead) }),
    }
  }

  private async chargeNew(pinned: Pinned, statement: Statement, options: QueryOptions): Promise<void> {
    const bytes = await this.estimate(pinned, statement, options)
    if (bytes === undefined || this.budget === undefined) return
    // What is asked for at the same time runs together or not at all: one field that fails leaves an answer without data.
    for (let known = 0; known < this.estimates.length; ) {
      known = this.estimates.length
      await Promise.allSettled(this.estimates)
    }
    const total = this.bytes ?? 0n
    if (total > BigInt(this.budget)) throw tooMany(pinned.warehouse.name, bytes, total, this.budget)
  }

  private async ask(
    { warehouse, build }: Pinned,
    statement: Statement,
    { signal, timeoutMs }: QueryOptions,
  ): Promise<bigint | undefined> {
    const limits = { ...(signal && { signal }), ...(timeoutMs === undefined ? {} : { timeoutMs }) }
    const estimate = await warehouse.estimate?.(statement, [build], limits)
    if (estimate) this.bytes = (this.bytes ?? 0n) + estimate.bytes
    return estimate?.bytes
  }
}

function tooMany(warehouse: string, bytes: bigint, total: bigint, budget: number): GoldgateError {
  const sum = total === bytes ? '' : `, which makes ${total} for this request`
  return new GoldgateError(
    'BYTES_BUDGET_EXCEEDED',
    `Warehouse ${warehouse} would read ${bytes} bytes for this field${sum}; all statements of one request of yours may read ${budget} together. ` +
      'Ask for fewer columns or a shorter period, or for less at once.',
    { details: { warehouse, estimate: Number(total), budget } },
  )
}
