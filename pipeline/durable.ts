/**
 * Every write that outlives the process, by name. Whoever makes one wraps it in `durable`, so that a test can stop the
 * process right before and right after each of them; the registry is what such a test walks.
 */
export const durableWrites = [
  'control.run',
  'control.step',
  'bronze.object',
  'bronze.manifest',
  'control.delivery',
  'conform.batch',
  'conform.quarantine',
  'conform.manifest',
  'control.batches',
  'replicate.object',
  'replicate.manifest',
  'control.replica',
  'store.remove',
  'warehouse.load',
  'warehouse.merge',
  'warehouse.sources',
  'warehouse.table',
  'warehouse.finish',
  'control.build',
  'control.lost',
  'control.checks',
  'control.parity',
  'control.publish',
  'warehouse.views',
  'warehouse.retain',
] as const

export type DurableWrite = (typeof durableWrites)[number]

/** Runs one durable write. The product passes `writeThrough`; a test passes one that stops before or after. */
export type Durable = <T>(write: DurableWrite, subject: string, perform: () => Promise<T>) => Promise<T>

export const writeThrough: Durable = (_write, _subject, perform) => perform()
