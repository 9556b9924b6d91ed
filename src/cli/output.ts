import type { TextStream } from './cli.js'

export function printJson(out: TextStream, value: unknown): void {
  out.write(`${JSON.stringify(value, (_key, inner) => (typeof inner === 'bigint' ? Number(inner) : inner), 2)}\n`)
}

export function printLines(out: TextStream, lines: readonly string[]): void {
  out.write(`${lines.join('\n')}\n`)
}
