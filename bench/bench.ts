import { cpus, totalmem } from 'node:os'

/** A line of a result: what was measured, in its unit. */
export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly goal?: Goal
}

/** What it should be. */
export type Goal = `${'<=' | '>=' | '<'} ${number}` | `${number}`

/** Where there is a goal, it is reached; what is no number reaches none. */
export function isReached({ value, goal }: Figure): boolean {
  if (goal === undefined) return true
  const [, sign, wanted] = /^(?:(\S+) )?(\S+)$/.exec(goal) ?? []
  const limit = Number(wanted)
  if (sign === undefined) return value === limit
  return sign === '<=' ? value <= limit : sign === '<' ? value < limit : value >= limit
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

export function formatFigure(figure: Figure): string {
  const { name, value, unit, goal } = figure
  const number = Number.isInteger(value) || value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3)
  return `  ${name.padEnd(58)} ${number.padStart(10)} ${unit}${goal === undefined ? '' : `   (goal ${goal}${isReached(figure) ? '' : ': MISSED'})`}`
}
