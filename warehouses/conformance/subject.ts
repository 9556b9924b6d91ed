import type { Warehouse } from '../contract/warehouse.js'

/** One empty warehouse of its own, for one case. */
export interface Subject {
  /** For batches and whatever else a case writes. */
  readonly directory: string
  /** Opens the warehouse; each call is one more client of the same data, closed with the subject. */
  open(): Promise<Warehouse>
  /** A warehouse of the same kind whose engine does not answer. */
  openUnavailable(): Promise<Warehouse>
  close(): Promise<void>
}

export interface AdapterUnderTest {
  readonly name: string
  create(): Promise<Subject>
}

/** A behaviour that every adapter has. `run` throws when this one lacks it. */
export interface ConformanceCase {
  readonly name: string
  run(subject: Subject): Promise<void>
}
