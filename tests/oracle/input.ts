import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** One canonical row, each value as text; a column that is left out is NULL. */
export type OracleRow = Readonly<Record<string, string | null | undefined>>

const oracleEntities = [
  'products',
  'customers',
  'stores',
  'campaigns',
  'sales',
  'sale_items',
  'inventory',
  'returns',
] as const

export type OracleEntity = (typeof oracleEntities)[number]

/** Everything known of one source. An entity that is left out is unknown; an empty list is known to be empty. */
export interface OracleSource {
  readonly source: string
  /** "YYYY-MM-DD"; left out = the newest order_date or return_date. */
  readonly asOf?: string
  readonly entities: Readonly<Partial<Record<OracleEntity, readonly OracleRow[]>>>
}

/** A number of JSON as it is written: parsing it first would take it through a binary float. */
const bareNumber = /("(?:[^"\\]|\\.)*")|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)/g

/** One NDJSON line with every value as text: numbers as written, booleans as `true` and `false`. */
export function parseLine(line: string): OracleRow {
  const quoted = line.replace(bareNumber, (_all, text: string | undefined, number: string) => text ?? `"${number}"`)
  const raw: unknown = JSON.parse(quoted)
  if (typeof raw !== 'object' || raw === null) throw new Error(`Not a JSON object: ${line}`)
  return Object.fromEntries(
    Object.entries(raw).map(([name, value]: [string, unknown]) => [name, value === null ? null : String(value)]),
  )
}

/**
 * The raw NDJSON files `<entity>.ndjson` of a folder that the demo generator wrote. The demo fills every entity: one without
 * rows has no file, and is known to be empty.
 */
export async function readRawFiles(folder: string, source: string, asOf?: string): Promise<OracleSource> {
  const present = new Set(await readdir(folder))
  const entities: Partial<Record<OracleEntity, OracleRow[]>> = {}
  for (const entity of oracleEntities) {
    const file = `${entity}.ndjson`
    const rows: OracleRow[] = []
    if (present.has(file)) {
      const input = createReadStream(join(folder, file))
      for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY }))
        if (line !== '') rows.push(parseLine(line))
    }
    entities[entity] = rows
  }
  return { source, entities, ...(asOf === undefined ? {} : { asOf }) }
}
