import { cpus, totalmem } from 'node:os'

/** A line of a result: what was measured, in its unit. */
export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** What it should be: `<= 9`, `>= 0.7`. */
  readonly goal?: string
}

export interface Benchmark {
  readonly name: string
  readonly describes: string
  run(say: (line: string) => void): Promise<readonly Figure[]>
}

export async function timed<T>(work: () => Promise<T>): Promise<{ readonly seconds: number; readonly result: T }> {
  const started = performance.now()
  const result = await work()
  return { seconds: (performance.now() - started) / 1000, result }
}

export function machine(): string {
  const [cpu] = cpus()
  return `${cpus().length} × ${cpu?.model ?? 'unknown CPU'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}, ${process.platform}`
}

export function formatFigure({ name, value, unit, goal }: Figure): string {
  const number = value >= 1000 ? Math.round(value).toLocaleString('en') : value.toPrecision(3)
  return `  ${name.padEnd(58)} ${number.padStart(10)} ${unit}${goal === undefined ? '' : `   (goal ${goal})`}`
}
