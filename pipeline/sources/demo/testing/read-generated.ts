import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type DemoDataset, demoDatasetNames } from '../datasets.js'
import type { DemoOptions } from '../options.js'

/** For tests: generated files, read back by other means than they were written. Each value is the text in the file. */
export type Raw = Readonly<Record<string, string | null>>

/** The numbers that Gold must have exactly. */
export const exactNumbers = {
  products: 100,
  customers: 500,
  stores: 20,
  campaigns: 12,
  sales: 2_000,
  inventory: 500,
  returnRate: 0.08,
} satisfies Partial<DemoOptions>

export async function readAll(directory: string): Promise<Record<DemoDataset, Raw[]>> {
  const rows = async (dataset: DemoDataset) => {
    const text = await readFile(join(directory, `${dataset}.ndjson`), 'utf8').catch(() => '')
    return text.split('\n').filter(Boolean).map(parse)
  }
  return Object.fromEntries(
    await Promise.all(demoDatasetNames.map(async (dataset) => [dataset, await rows(dataset)] as const)),
  ) as Record<DemoDataset, Raw[]>
}

/** Numbers as they are written, so that no float comes between. */
function parse(line: string): Raw {
  const quoted = line.replace(/"(?:[^"\\]|\\.)*"|-?\d[\d.]*|true|false/g, (part) =>
    part.startsWith('"') ? part : `"${part}"`,
  )
  return JSON.parse(quoted) as Raw
}

/** A decimal as a whole number of its smallest unit. */
export function scaled(text: string | null | undefined, digits: number): bigint {
  const [, sign, whole, fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text ?? '') ?? []
  if (whole === undefined || fraction.length > digits) throw new Error(`${text} has no ${digits} decimals`)
  return BigInt(sign + whole + fraction.padEnd(digits, '0'))
}

/** SHA-256 of each file. */
export async function hashes(directory: string): Promise<Record<string, string>> {
  const names = (await readdir(directory)).sort()
  const hash = async (name: string) =>
    createHash('sha256')
      .update(await readFile(join(directory, name)))
      .digest('hex')
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await hash(name)] as const)))
}

/** RFC 4180, written the slow way round. */
export function parseCsv(text: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  let field = ''
  let quoted = false
  for (let i = 0; i < text.length; i++) {
    const character = text[i] ?? ''
    if (quoted) {
      if (character === '"' && text[i + 1] === '"') field += text[i++]
      else if (character === '"') quoted = false
      else field += character
    } else if (character === '"') quoted = true
    else if (character === ',' || character === '\n') {
      row.push(field)
      field = ''
      if (character === '\n') {
        rows.push(row)
        row = []
      }
    } else field += character
  }
  return rows
}
