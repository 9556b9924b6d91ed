import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import type { OpenTable, TablePlan } from '../../../resolvers/index.js'
import type { GatewayLogger } from '../logger.js'
import { contentTypes, type FormatName, type FormatOptions } from './formats/format.js'
import { tableWriter } from './formats/writer.js'

/**
 * Sends a table piece by piece, as fast as the client takes it. What fails in the middle ends the connection without the end of the answer, so that nobody takes a
 * part for the whole: the status was sent long ago.
 */
export function sendTable(
  reply: FastifyReply,
  { build, chunks }: OpenTable,
  { plan, name, format, options, logger }: TableAnswer,
): FastifyReply {
  const body = Readable.from(pieces(chunks, tableWriter(format, plan.columns, options), name, logger))
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
  readonly logger: Pick<GatewayLogger, 'error'>
}

async function* pieces(
  chunks: OpenTable['chunks'],
  writer: ReturnType<typeof tableWriter>,
  name: string,
  logger: Pick<GatewayLogger, 'error'>,
): AsyncGenerator<Uint8Array> {
  try {
    yield Buffer.from(writer.begin())
    for await (const rows of chunks) yield Buffer.from(writer.rows(rows))
    yield Buffer.from(writer.end())
  } catch (error) {
    const said = error instanceof Error ? { error: error.message, stack: error.stack } : { error: String(error) }
    logger.error('An export broke off', { reference: randomUUID(), operation: name, ...said })
    throw error
  }
}
