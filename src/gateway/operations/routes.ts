import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { GraphQLError, parse } from 'graphql'
import { z } from 'zod'
import {
  type Access,
  checkSourceDepth,
  createFormatError,
  GoldgateError,
  type Limits,
} from '../../../resolvers/index.js'
import { callerOf } from '../callers/ask-callers.js'
import { errorsOf } from '../logger.js'
import { tableDocument } from './document.js'
import { formatNames } from './formats/format.js'
import { rowsInJson } from './json-answer.js'
import { formatOf, readRequest } from './request.js'
import { type AskedTable, serveTable, type TableServices } from './serve-table.js'
import { statusOfTable } from './status.js'
import type { StoredOperation } from './stored-operation.js'

/** Where every operation is served below. */
export const apiRoot = '/api/v1/'

export interface OperationsSettings extends TableServices {
  /** By path. */
  readonly operations: ReadonlyMap<string, StoredOperation>
  /** What a caller may ask. */
  readonly operationsOf: (access: Access) => readonly StoredOperation[]
}

/** `GET /api/v1/<path>` for every operation, and `POST /export` for a query of the client's own. */
export function registerOperations(app: FastifyInstance, settings: OperationsSettings): void {
  const answering = async (request: FastifyRequest, reply: FastifyReply, asked: () => AskedTable) => {
    try {
      return await serveTable(settings, request, reply, asked())
    } catch (error) {
      const formatted = createFormatError(errorsOf(settings.logger, request.id))({ message: '' }, error)
      // The tag of an answer that could not be written would say that the client has it.
      void reply.removeHeader('etag').header('cache-control', 'no-store')
      const retryAfter = formatted.extensions?.retryAfter
      if (typeof retryAfter === 'number') void reply.header('retry-after', retryAfter)
      return reply.code(statusOfTable([formatted])).send({ errors: [formatted] })
    }
  }
  // A HEAD would have to run the whole table to know its length.
  const options = { exposeHeadRoute: false }
  app.get<{ Params: { readonly '*': string } }>(`${apiRoot}*`, options, (request, reply) =>
    answering(request, reply, () => storedTable(settings, request, request.params['*'])),
  )
  app.post('/export', { config: { questions: true } }, (request, reply) =>
    answering(request, reply, () => ownTable(request.body, callerOf(request).access.limits)),
  )
}

function storedTable(
  { operations, operationsOf, answerer }: OperationsSettings,
  request: FastifyRequest,
  rest: string,
): AskedTable {
  const { path, format } = formatOf(rest, request.headers.accept)
  const { access } = callerOf(request)
  const operation = operations.get(path)
  // What a caller may not ask is as if it were not there: an error of its document would tell what the caller does not see.
  if (!operation || !('prepared' in answerer.prepare(operation.document.text, access))) {
    const known = operationsOf(access).map((each) => each.path)
    throw new GoldgateError('NOT_FOUND', missing(path, known), { details: { operations: known } })
  }
  // Whatever is wrong with the rest of it, this is what was asked.
  request.operation = path
  const [, query = ''] = request.url.split(/\?(.*)/s)
  const linkTo = (after: string): string => {
    const next = new URLSearchParams(query)
    next.set('after', after)
    return `?${next}`
  }
  return {
    document: operation.document,
    name: path,
    ...(operation.fixed ? { plan: operation.plan } : {}),
    format,
    asked: readRequest(operation, new URLSearchParams(query)),
    linkTo,
  }
}

function missing(path: string, known: readonly string[]): string {
  const [, before = '', extension] = /^(.*)\.([^.]*)$/.exec(path) ?? []
  if (extension !== undefined && known.includes(before)) {
    const formats = formatNames.map((name) => `.${name}`).join(', ')
    return `${JSON.stringify(before)} has no form ${JSON.stringify(`.${extension.slice(0, 20)}`)}. There are: ${formats}.`
  }
  const what =
    path === ''
      ? 'No operation is named; /api shows them all'
      : `There is no operation ${JSON.stringify(path.slice(0, 100))}`
  return `${what}. There are: ${known.join(', ')}.`
}

/** What `POST /export` takes. */
export const exportBody = z.strictObject({
  query: z.string().describe('A query in GraphQL with one field of rows or groups.'),
  variables: z.record(z.string(), z.unknown()).nullish().describe('Those of the query, by name.'),
  operationName: z.string().nullish().describe('Which query of several.'),
  format: z.enum(formatNames).default('csv').describe('How the rows are written.'),
  limit: z
    .int()
    .min(1)
    .optional()
    .describe(`Rows at most. JSON: ${rowsInJson.default} unless given, at most ${rowsInJson.most}.`),
  after: z.string().optional().describe('JSON only: the page behind this cursor, `after` of the page before.'),
  warehouse: z.string().optional().describe('The warehouse to read, where the query names none.'),
  build: z.string().optional().describe('A retained build to read in place of the published one.'),
  decimals: z
    .enum(['string', 'number'])
    .default('string')
    .describe('Decimals in JSON and NDJSON: exact text, or JSON numbers.'),
  bom: z.boolean().default(false).describe('CSV begins with a byte order mark, for Excel.'),
})

function ownTable(body: unknown, limits: Limits): AskedTable {
  const parsed = exportBody.safeParse(body, { reportInput: true })
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new GoldgateError(
      'BAD_REQUEST',
      `POST JSON like {"query": "{ dailyRevenue { nodes { … } } }", "format": "csv"}: ${issue && wrongIn(issue)}.`,
    )
  }
  const { query, variables, operationName, format, decimals, bom, ...page } = parsed.data
  return {
    document: documentOf(query, operationName, limits),
    ...{ name: operationName ?? 'export', format },
    asked: { variables: variables ?? {}, page, options: { decimals, bom } },
  }
}

function wrongIn(issue: z.core.$ZodIssue): string {
  const what = issue.path.length > 0 ? `\`${issue.path.join('.').slice(0, 60)}\`` : 'the body'
  switch (issue.code) {
    case 'unrecognized_keys':
      return `${issue.keys.map((key) => `\`${key.slice(0, 60)}\``).join(', ')} is not known. There are: ${Object.keys(exportBody.shape).join(', ')}`
    case 'invalid_value':
      return `${what} takes ${issue.values.join(', ')}`
    case 'invalid_type':
      return issue.input === undefined && issue.path.length > 0
        ? `${what} is missing`
        : `${what} takes a value of type ${issue.expected}`
    case 'too_small':
      return `${what} is at least ${issue.minimum}`
    default:
      return `${what}: ${issue.message}`
  }
}

function documentOf(query: string, operationName: string | null | undefined, { brackets, tokens }: Limits) {
  try {
    checkSourceDepth(query, brackets)
    return tableDocument(parse(query, { maxTokens: tokens }), operationName)
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error
    throw new GoldgateError('GRAPHQL_PARSE_FAILED', error.message)
  }
}
