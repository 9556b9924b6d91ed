import type { FastifyReply, FastifyRequest } from 'fastify'
import { type GraphQLFormattedError, getVariableValues } from 'graphql'
import {
  checkVariables,
  type GatewayServices,
  GoldgateError,
  NotRun,
  openTable,
  planTable,
  RequestContext,
  shortMessage,
  type TablePlan,
} from '../../../resolvers/index.js'
import type { WarehouseReader } from '../../../warehouses/contract/warehouse.js'
import { callerOf } from '../callers/ask-callers.js'
import { type Caller, whoIs } from '../callers/caller.js'
import type { GatewayLogger } from '../logger.js'
import { type Answerer, type PreparedDocument, wholeOf } from '../questions/contract.js'
import { explanationOf } from '../questions/explain.js'
import { answerUnlessKept } from '../questions/kept-answer.js'
import { type FactsOfRequest, requestOf } from '../request.js'
import type { Meter } from '../telemetry/meter.js'
import type { TableDocument } from './document.js'
import type { ExportPlaces } from './export-places.js'
import type { FormatName } from './formats/format.js'
import { jsonTable, rowsInJson, rowsUnasked } from './json-answer.js'
import { invalid } from './parameters.js'
import { type TableRequest, variablesOf } from './request.js'
import { refusedBy, statusOfTable } from './status.js'
import { sendTable } from './stream-answer.js'

const jsonType = 'application/json; charset=utf-8'

export interface TableServices {
  readonly services: GatewayServices
  readonly answerer: Answerer
  readonly logger: GatewayLogger
  readonly places: ExportPlaces
  readonly meter: Meter | undefined
}

export interface AskedTable {
  readonly document: TableDocument
  /** Of the file that a client saves, and in the log. */
  readonly name: string
  /** Where it is known beforehand. */
  readonly plan?: TablePlan
  readonly format: FormatName
  readonly asked: TableRequest
  /** The address of the page behind a cursor, seen from that of the request. */
  readonly linkTo?: (after: string) => string
}

/** Answers with a table: JSON page by page, through the same door as any question of GraphQL; the other formats whole, piece by piece. */
export async function serveTable(
  { services, answerer, logger, places, meter }: TableServices,
  request: FastifyRequest,
  reply: FastifyReply,
  table: AskedTable,
): Promise<FastifyReply> {
  const caller = callerOf(request)
  const { document, format, asked } = table
  const preparation = answerer.prepare(document.text, caller.access)
  if ('errors' in preparation) return refuse(reply, preparation.errors)
  const { prepared } = preparation
  checkVariables(asked.variables, caller.access.limits)
  const facts = requestOf(request)
  if (format === 'json') return serveJson(answerer, { request, reply, facts, caller, prepared, table })
  const variables = coerced(prepared, document, variablesOf(document.page, asked.variables, asked.page))
  const plan = planTable(prepared.schema, prepared.document, variables)
  if (facts.explain) return explainTable(plan, new RequestContext(services, facts), reply)
  if (Number(request.raw.httpVersion) < 1.1) throw withoutEnd()
  const { limits } = caller.access
  const exporter = { who: whoIs(caller, request), limits, signal: facts.signal }
  const place = (warehouse: WarehouseReader) => places.take(warehouse, exporter)
  const open = await openTable(plan, new RequestContext(services, facts.placing(place)))
  return sendTable(reply, open, {
    ...{ plan, name: table.name, format, options: asked.options, stallMs: limits.exportStallMs },
    askAgain: () => request.askAgain(),
    ended: (outcome) => meter?.exported({ warehouse: open.build.warehouse, outcome }),
    ...{ logger, requestId: request.id },
  })
}

/** HTTP/1.0 has no chunks: the end of the connection would be the end of the answer, also where it broke off. */
const withoutEnd = (): GoldgateError =>
  new GoldgateError(
    'BAD_REQUEST',
    'An export over HTTP/1.0 could break off and look whole: ask over HTTP/1.1 (behind nginx: `proxy_http_version 1.1`), or for JSON.',
  )

interface JsonQuestion {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly facts: FactsOfRequest
  readonly caller: Caller
  readonly prepared: PreparedDocument
  readonly table: AskedTable
}

async function serveJson(answerer: Answerer, { request, reply, facts, caller, prepared, table }: JsonQuestion) {
  const { document, asked, linkTo } = table
  const { limit } = asked.page
  if (limit !== undefined && limit > rowsInJson.most)
    throw invalid(
      'limit',
      `is at most ${rowsInJson.most} in JSON, not ${limit}: page on with \`after\`, or ask for CSV, NDJSON or Arrow, which have no limit`,
    )
  const page = { ...asked.page, limit: limit ?? rowsUnasked(document) }
  const variables = variablesOf(document.page, asked.variables, page)
  const question = { document: prepared, variables, caller, facts }
  const asking = request.method === 'GET'
  const answer = await (asking ? answerUnlessKept(answerer, question, request, reply) : answerer.answer(question))
  if (!answer) return reply.send()
  if (answer.failed) return refuse(reply, refusedBy(answer))
  if (facts.explain) return reply.header('cache-control', 'no-store').type(jsonType).send(wholeOf(answer))
  const plan = table.plan ?? planTable(prepared.schema, prepared.document, coerced(prepared, document, variables))
  return reply.type(jsonType).send(jsonTable(plan, answer, asked.options, linkTo))
}

/** What would be read for a table that is no JSON: said in GraphQL's form, as for every question. */
async function explainTable(plan: TablePlan, context: RequestContext, reply: FastifyReply): Promise<FastifyReply> {
  await openTable(plan, context).catch((error: unknown) => {
    if (!(error instanceof NotRun)) throw error
  })
  const extensions = await explanationOf(context)
  return reply.header('cache-control', 'no-store').send({ data: {}, extensions })
}

const refuse = (reply: FastifyReply, errors: readonly GraphQLFormattedError[]): FastifyReply =>
  reply.code(statusOfTable(errors)).send({ errors })

/** Variables as resolvers get them. Throws BAD_USER_INPUT. */
function coerced(
  { schema }: PreparedDocument,
  { operation }: TableDocument,
  given: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const { coerced, errors } = getVariableValues(schema, operation.variableDefinitions ?? [], given, { maxErrors: 1 })
  if (coerced) return coerced
  const [error] = errors
  throw new GoldgateError('BAD_USER_INPUT', shortMessage(error?.message ?? 'A variable has a value of the wrong type.'))
}
