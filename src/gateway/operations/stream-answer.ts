import { randomUUID } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import type { OpenTable, TablePlan } from '../../../resolvers/index.js'
import type { GatewayLogger } from '../logger.js'
import type { EndedExport } from '../telemetry/meter.js'
import { contentTypes, type FormatName, type FormatOptions } from './formats/format.js'
import { tableWriter } from './formats/writer.js'

/**
 * Sends a table piece by piece, as fast as the client takes it. What fails in the middle ends the connection without the end of the answer, so that nobody takes a
 * part for the whole: the status was sent long ago. A client that takes nothing is given up in the same way.
 */
export function sendTable(reply: FastifyReply, { build, chunks }: OpenTable, table: TableAnswer): FastifyReply {
  const { name, format } = table
  const { raw } = reply
  const broken: Broken = {}
  const body = Readable.from(pieces(chunks, table, raw, broken))
  // A client that leaves before the first piece was asked for.
  body.once('close', () => void chunks.return(undefined).catch(() => undefined))
  raw.once('close', () => table.ended(broken.by ?? (raw.writableFinished ? 'whole' : 'left')))
  giveUpStalled(raw, table, broken)
  return reply
    .headers({
      'content-type': contentTypes[format],
      'content-disposition': `attachment; filename="${name.replace(/[^\w-]+/g, '-')}.${format}"`,
      'cache-control': 'no-store',
      'x-goldgate-warehouse': build.warehouse,
      'x-goldgate-build': build.buildId,
      'x-goldgate-published-at': build.publishedAt,
    })
    .send(body)
}

export interface TableAnswer {
  readonly plan: TablePlan
  /** Of the file, and in the log. */
  readonly name: string
  readonly format: Exclude<FormatName, 'json'>
  readonly options: FormatOptions
  /** Milliseconds after which a client that takes nothing is given up. */
  readonly stallMs: number
  /** Throws where the caller may not read on. */
  readonly askAgain: () => Promise<void>
  readonly ended: (outcome: EndedExport['outcome']) => void
  readonly logger: Pick<GatewayLogger, 'error' | 'warn'>
  readonly requestId: string
}

interface Broken {
  by?: 'failed' | 'stalled'
}

/** Node's timer of a socket begins anew with every byte that leaves; it also goes off where the warehouse is slow and nothing is there to be taken. */
function giveUpStalled(raw: ServerResponse, { stallMs, name, logger, requestId }: TableAnswer, broken: Broken): void {
  raw.setTimeout(stallMs, () => {
    if (!raw.writableNeedDrain && !raw.writableEnded) return
    broken.by ??= 'stalled'
    logger.warn('An export was given up: its client took nothing of it', { requestId, operation: name, stallMs })
    raw.destroy()
  })
}

async function* pieces(
  chunks: OpenTable['chunks'],
  { plan, format, options, name, askAgain, logger, requestId }: TableAnswer,
  raw: ServerResponse,
  broken: Broken,
): AsyncGenerator<Uint8Array> {
  const writer = tableWriter(format, plan.columns, options)
  try {
    yield Buffer.from(writer.begin())
    for await (const rows of chunks) {
      await askAgain()
      yield writer.rows(rows)
    }
    yield Buffer.from(writer.end())
  } catch (error) {
    // What is read for a client that has left is cancelled.
    if (raw.destroyed) throw error
    broken.by = 'failed'
    const said = error instanceof Error ? { error: error.message, stack: error.stack } : { error: String(error) }
    logger.error('An export broke off', { requestId, reference: randomUUID(), operation: name, ...said })
    throw error
  }
}
