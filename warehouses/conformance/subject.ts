import type { Capabilities, Warehouse } from '../contract/warehouse.js'

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
  /** A case that needs one which is false is skipped by its name. All are taken for true where this is absent. */
  readonly capabilities?: Capabilities
  /** Cases that the server at hand cannot take, each with the reason: it is not the engine itself. */
  readonly beyondServer?: Readonly<Record<string, string>>
  create(): Promise<Subject>
}

/** A behaviour that every adapter has. `run` throws when this one lacks it. */
export interface ConformanceCase {
  readonly name: string
  /** Only a warehouse with this capability has the behaviour. */
  readonly needs?: keyof Capabilities
  run(subject: Subject): Promise<void>
}
