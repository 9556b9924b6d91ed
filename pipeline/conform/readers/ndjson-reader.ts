import { skipBlanks } from './json-object.js'
import type { JsonRecords } from './json-record.js'
import type { LineBlock } from './line-blocks.js'

const lineFeed = 10

/** NDJSON: one object a line. Lines that are blank are no records. */
export async function readNdjson(blocks: AsyncIterable<LineBlock>, records: JsonRecords): Promise<void> {
  for await (const { bytes, flaws } of blocks) {
    let flaw = 0
    for (let start = 0; start < bytes.length; ) {
      const found = bytes.indexOf(lineFeed, start)
      const end = found < 0 ? bytes.length : found
      while (flaws[flaw] !== undefined && (flaws[flaw]?.end ?? 0) <= start) flaw++
      const broken = flaws[flaw]
      if (broken && broken.start < end) records.reject(broken.reason, bytes, start, end)
      else readLine(bytes, start, end, records)
      start = end + 1
    }
  }
}

function readLine(bytes: Buffer, lineStart: number, lineEnd: number, records: JsonRecords): void {
  const start = skipBlanks(bytes, lineStart)
  if (start >= lineEnd) return
  if (records.onlyCounts) {
    records.rows++
    return
  }
  if (records.take(bytes, start, lineEnd, true) >= 0) return
  const nul = bytes.subarray(start, lineEnd).includes(0)
  records.reject(nul ? 'NUL_CHARACTER' : 'INVALID_JSON', bytes, start, lineEnd)
}
