import { type GraphQLLeafType, isEnumType } from 'graphql'
import { z } from 'zod'
import type { LogicalType } from '../../../models/types.js'
import { contentTypes, formatNames } from './formats/format.js'
import { rowsInJson, rowsUnasked } from './json-answer.js'
import type { Parameter } from './parameters.js'
import { apiRoot, exportBody } from './routes.js'
import type { StoredOperation } from './stored-operation.js'

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

export interface OpenapiSettings {
  readonly version: string
  readonly operations: readonly StoredOperation[]
  readonly warehouses: readonly string[]
  readonly defaultWarehouse: string
  /** Whether a key or token is looked at, and whether it may be left out. */
  readonly access: { readonly asked: boolean; readonly open: boolean }
}

/** The OpenAPI 3.1 document of the endpoints that stored operations are, and of /export. */
export function openapiDocument({ version, operations, warehouses, defaultWarehouse, access }: OpenapiSettings) {
  const paths = operations.flatMap((operation) => {
    const common = { tags: [tagOf(operation)], summary: operation.description }
    const parameters = parametersOf(operation, warehouses, defaultWarehouse)
    return [
      [
        `${apiRoot}${operation.path}`,
        { get: { ...common, operationId: operation.name, parameters, responses: responsesOf(operation) } },
      ],
      [
        `${apiRoot}${operation.path}.{format}`,
        {
          get: {
            ...common,
            operationId: `${operation.name}As`,
            description: 'The same table; the extension says how it is written, whatever `Accept` says.',
            parameters: [formatParameter, ...parameters],
            responses: responsesOf(operation),
          },
        },
      ],
    ] as const
  })
  return {
    openapi: '3.1.0',
    info: {
      title: 'Goldgate',
      version,
      description: `Stored operations: each is a table. \`POST /export\` takes a query of one’s own. JSON answers page by page (${rowsInJson.default} rows unless \`limit\` says otherwise, at most ${rowsInJson.most}); CSV, NDJSON and Arrow stream all rows unless \`limit\` is given. Every answer names the build that it was read from.`,
    },
    // Seen from the document: the gateway may be mounted below a path.
    servers: [{ url: '.' }],
    tags: [...new Set([...operations.map(tagOf), 'export'])].map((name) => ({ name })),
    paths: { ...Object.fromEntries(paths), '/export': exportPath() },
    security: [
      ...(access.open ? [{}] : []),
      ...(access.asked ? Object.keys(securitySchemes).map((name) => ({ [name]: [] })) : []),
    ],
    components: {
      ...(access.asked ? { securitySchemes } : {}),
      schemas: { Errors: errorsSchema },
      responses: {
        Refused: {
          description: 'What is wrong, and what to do.',
          content: json({ $ref: '#/components/schemas/Errors' }),
        },
      },
    },
  } satisfies Json
}

const securitySchemes = {
  bearer: { type: 'http', scheme: 'bearer', description: 'An API key or a JWT.' },
  basic: { type: 'http', scheme: 'basic', description: 'An API key as the password.' },
  key: { type: 'apiKey', in: 'header', name: 'x-api-key', description: 'An API key.' },
} as const

const exportPath = () => ({
  post: {
    ...{ tags: ['export'], operationId: 'export', summary: 'The rows of a query of one’s own, as a file.' },
    requestBody: { required: true, content: json(z.toJSONSchema(exportBody, { io: 'input' }) as Json) },
    responses: {
      200: {
        description: 'As those of a stored operation, whose columns are those of the query.',
        headers: streamHeaders,
        content: contentOf({ type: 'object' }),
      },
      default: refused,
    },
  },
})

const tagOf = ({ path }: StoredOperation): string => path.split('/')[0] ?? path

const json = (schema: Json) => ({ 'application/json': { schema } })

const errorsSchema = {
  type: 'object',
  required: ['errors'],
  properties: {
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['message', 'extensions'],
        properties: {
          message: { type: 'string' },
          extensions: { type: 'object', properties: { code: { type: 'string' } }, required: ['code'] },
        },
      },
    },
  },
} as const

const formatParameter = {
  ...{ name: 'format', in: 'path', required: true, description: 'How the rows are written.' },
  schema: { type: 'string', enum: formatNames },
} as const

function parametersOf(operation: StoredOperation, warehouses: readonly string[], defaultWarehouse: string): Json[] {
  const { page } = operation.document
  const own = operation.parameters.map((each) => ({
    ...query(each.name, each.description, schemaOfParameter(each)),
    required: each.required,
    ...(each.list ? { style: 'form', explode: false } : {}),
  }))
  const common = [
    limitParameter(operation),
    query('after', said('after'), { type: 'string' }),
    query('warehouse', `The warehouse to read; ${defaultWarehouse} unless given.`, {
      type: 'string',
      examples: warehouses,
    }),
    query('build', said('build'), { type: 'string' }),
  ].filter(({ name }) => name in page)
  return [
    ...own,
    ...common,
    query('decimals', said('decimals'), { type: 'string', enum: ['string', 'number'], default: 'string' }),
    query('bom', said('bom'), { type: 'string', enum: ['0', '1'], default: '0' }),
  ]
}

/** Its default is one where it is the same for every format. */
function limitParameter({ document }: StoredOperation) {
  const { ownLimit } = document
  const inJson = rowsUnasked(document)
  return query(
    'limit',
    `Rows at most. JSON: ${inJson} unless given, at most ${rowsInJson.most}. CSV, NDJSON and Arrow: ${ownLimit ?? 'all of them'} unless given.`,
    { type: 'integer', minimum: 1, ...(ownLimit !== undefined && ownLimit === inJson ? { default: ownLimit } : {}) },
  )
}

/** What is the same for `POST /export` is said there. */
const said = (name: keyof typeof exportBody.shape): string => exportBody.shape[name].description ?? ''

const query = (name: string, description: string, schema: { readonly [key: string]: Json }) => ({
  ...{ name, in: 'query', description, schema },
})

function schemaOfParameter({ leaf, list, defaultValue }: Parameter): { readonly [key: string]: Json } {
  const schema = schemaOfLeaf(leaf)
  if (list) return { type: 'array', items: schema }
  const known = typeof defaultValue === 'bigint' ? Number(defaultValue) : defaultValue
  return typeof known === 'string' || typeof known === 'number' || typeof known === 'boolean'
    ? { ...schema, default: known }
    : schema
}

function schemaOfLeaf(leaf: GraphQLLeafType): { readonly [key: string]: Json } {
  if (isEnumType(leaf)) return { type: 'string', enum: leaf.getValues().map(({ value }) => String(value)) }
  switch (leaf.name) {
    case 'Int':
    case 'SafeInt':
      return { type: 'integer' }
    case 'Float':
      return { type: 'number' }
    case 'Boolean':
      return { type: 'boolean' }
    case 'Date':
      return { type: 'string', format: 'date' }
    case 'Timestamp':
      return { type: 'string', format: 'date-time' }
    case 'Decimal':
      return { type: 'string', pattern: decimalPattern }
    default:
      return { type: 'string' }
  }
}

const decimalPattern = '^-?[0-9]+(\\.[0-9]+)?$'

const refused = { $ref: '#/components/responses/Refused' } as const

const streamHeaders = Object.fromEntries(
  [
    ['x-goldgate-warehouse', 'Of a stream: the warehouse that answers.'],
    ['x-goldgate-build', 'Of a stream: the build that all rows are from.'],
    ['x-goldgate-published-at', 'Of a stream: when that build was published.'],
  ].map(([name, description]) => [name, { description, schema: { type: 'string' } }]),
)

/** An answer in each format; `inJson` is its schema in JSON. */
const contentOf = (inJson: Json): Json =>
  Object.fromEntries(
    formatNames.map((format): [string, Json] => [
      (contentTypes[format].split(';')[0] ?? '').trim(),
      format === 'json' ? { schema: inJson } : format === 'arrow' ? {} : { schema: { type: 'string' } },
    ]),
  )

const responsesOf = (operation: StoredOperation): Json => ({
  200: { description: operation.description, headers: streamHeaders, content: contentOf(answerSchema(operation)) },
  default: refused,
})

function answerSchema({ plan }: StoredOperation): Json {
  return {
    type: 'object',
    required: ['rows', 'rowCount', 'truncated', 'after', 'extensions'],
    properties: {
      rows: {
        type: 'array',
        items: {
          type: 'object',
          required: plan.columns.map(({ name }) => name),
          properties: Object.fromEntries(
            plan.columns.map(({ name, type, nullable, description }) => [
              name,
              { ...schemaOfValue(type, nullable), description },
            ]),
          ),
        },
      },
      rowCount: { type: 'integer' },
      truncated: { type: 'boolean', description: 'True when there are more rows than these.' },
      after: { type: ['string', 'null'], description: 'Cursor of the next page; null on the last one.' },
      next: {
        type: 'string',
        description: 'Address of the next page, where there is one, relative to that of the request.',
      },
      extensions: { type: 'object', description: 'The builds that were read, as in answers of GraphQL.' },
    },
  }
}

function schemaOfValue(type: LogicalType, nullable: boolean): { readonly [key: string]: Json } {
  const kind = (name: string): Json => (nullable ? [name, 'null'] : name)
  switch (type.kind) {
    case 'text':
      return { type: kind('string') }
    case 'enum':
      return { type: kind('string'), enum: nullable ? [...type.values, null] : [...type.values] }
    case 'integer':
      return { type: kind('integer') }
    case 'decimal':
      return { type: nullable ? ['string', 'number', 'null'] : ['string', 'number'] }
    case 'boolean':
      return { type: kind('boolean') }
    case 'date':
      return { type: kind('string'), format: 'date' }
    case 'timestamp':
      return { type: kind('string'), format: 'date-time' }
  }
}
