/** Where a code is decided: `answer` = by a field of an executed request, `request` = before anything runs, `start` = the gateway does not begin to listen. */
type ErrorScope = 'answer' | 'request' | 'start'

interface CatalogueEntry {
  readonly scope: ErrorScope
  /** HTTP status where the whole request is refused; errors of fields are answered with 200, as GraphQL over HTTP has it. */
  readonly status?: number
  readonly description: string
  /** What the reader of the error does next. */
  readonly action: string
}

const define = <Code extends string>(entries: Readonly<Record<Code, CatalogueEntry>>) => entries

/** Every `extensions.code` that a client can meet. docs/errors.md lists the same codes; a test compares the two. */
export const errorCatalogue = define({
  WAREHOUSE_UNKNOWN: {
    scope: 'answer',
    description:
      'The argument `warehouse` or the header `x-goldgate-warehouse` names a warehouse that is not configured.',
    action: 'Use one of the names in `extensions.available`.',
  },
  WAREHOUSE_UNAVAILABLE: {
    scope: 'answer',
    description: 'The warehouse of the field does not answer.',
    action: 'Ask again later, or read the same build from one of the warehouses in `extensions.available`.',
  },
  STATEMENT_TIMEOUT: {
    scope: 'answer',
    description: 'The warehouse worked on the field longer than the configured time, and its statement was cancelled.',
    action: 'Narrow `where`, ask for a smaller page, or leave out `totalCount`.',
  },
  WAREHOUSE_OUT_OF_MEMORY: {
    scope: 'answer',
    description: 'The warehouse had not memory enough for the statement of the field.',
    action: 'Narrow `where`, group by fewer dimensions, or ask for the default order; an operator may give it more.',
  },
  NOT_PUBLISHED: {
    scope: 'answer',
    description: 'No build has been published in the warehouse yet.',
    action: 'Run `goldgate run`; `goldgate status` shows what became of it.',
  },
  BUILD_UNKNOWN: {
    scope: 'answer',
    description:
      'The argument `build` names a build that the warehouse does not hold (any more), or that was never published.',
    action: 'Leave `build` out to read the published build; `goldgate status` lists the retained ones.',
  },
  BUILD_LOST: {
    scope: 'answer',
    description: 'The warehouse no longer has all tables of the build: somebody dropped them there.',
    action:
      'Leave `build` out, or ask another warehouse; the next `goldgate run` makes the tables of the newest build again.',
  },
  BUILD_OUTDATED: {
    scope: 'answer',
    description: 'The build was made by an older version, before its model got a column that the field reads.',
    action:
      'Leave the new fields out until the next `goldgate run` has made and published a build with them; a retained older build never gets them.',
  },
  CONTROL_DATABASE_UNAVAILABLE: {
    scope: 'answer',
    description: 'Which build is published could not be read from the control database.',
    action: 'Ask again later; `/health/ready` says when it answers again.',
  },
  CURSOR_INVALID: {
    scope: 'answer',
    description: 'The argument `after` or `before` is not a cursor that this gateway gave out.',
    action: 'Pass a cursor of `edges.cursor` or `pageInfo` unchanged.',
  },
  CURSOR_MISMATCH: {
    scope: 'answer',
    description: 'The cursor belongs to another question: another field, `where`, `orderBy` or `build`.',
    action: 'Page on with the arguments of the first page, or begin again without a cursor.',
  },
  CURSOR_EXPIRED: {
    scope: 'answer',
    description: 'The build that the cursor was made in is no longer retained.',
    action: 'Begin again without a cursor.',
  },
  PAGE_TOO_LARGE: {
    scope: 'answer',
    description:
      '`first` or `last` asks for more rows than one page may hold, or relations for more than one request may read of them. Nothing is cut silently.',
    action: 'Ask for at most `extensions.maximum` rows and page on with `pageInfo.endCursor`.',
  },
  PAGE_ARGUMENTS_INVALID: {
    scope: 'answer',
    description:
      'The paging arguments contradict each other: `first` with `last`, `after` with `before`, or a negative number.',
    action: 'Page forwards with `first` and `after`, backwards with `last` and `before`.',
  },
  FILTER_INVALID: {
    scope: 'answer',
    description: 'A condition in `where` has a value that no row can be compared with, or lacks one.',
    action: 'The message names the condition and what it takes; NULL is asked for with `isNull`.',
  },
  FILTER_TOO_LARGE: {
    scope: 'answer',
    description:
      '`where` is nested deeper, or holds more conditions or values, than one statement may carry, or `fill` would add more than 10,000 periods.',
    action: 'Split the question, filter by an attribute instead of a list of keys, or narrow the range of dates.',
  },
  ORDER_INVALID: {
    scope: 'answer',
    description: '`orderBy` names the same field twice, or, of groups, a dimension that is not selected.',
    action: 'Name each field once; order groups by measures and by the dimensions that are selected.',
  },
  AMBIGUOUS_GROUPING: {
    scope: 'answer',
    description: 'Parts of one field of groups select different dimensions, and rows are grouped by what is selected.',
    action: 'Ask for each grouping in a field of its own, under an alias.',
  },
  COMPARISON_INVALID: {
    scope: 'answer',
    description:
      '`compareTo` does not say which time to compare with, or the question has no time that could be shifted.',
    action:
      'The message says what is missing: one of `months`, `years` and `previousPeriod`, and a date with a grain or a range.',
  },
  FILL_NEEDS_DATE: {
    scope: 'answer',
    description: '`fill` is asked for, and not one date is selected whose periods could be filled, or several.',
    action: 'Select one date dimension with one grain.',
  },
  RUNNING_NEEDS_DATE: {
    scope: 'answer',
    description: 'A measure is asked for as a running total, and no date is selected that it could go along.',
    action: 'Select a date dimension with the grain that it goes by.',
  },
  BYTES_BUDGET_EXCEEDED: {
    scope: 'answer',
    description:
      'In a warehouse that bills by bytes, the statements of the request would read more than one request of the caller may (`limits.bytes`), or one of them more than the warehouse may be billed for. Nothing was billed for the field.',
    action:
      'Ask for fewer columns or a shorter period; `x-goldgate-explain: true` shows what each statement would read.',
  },
  INTEGER_OUT_OF_RANGE: {
    scope: 'answer',
    description: 'An integer of the answer is beyond 2^53 - 1 and cannot be written as an exact JSON number.',
    action: 'Leave the field out, or export it as CSV or NDJSON, which hold every digit.',
  },
  NUMBER_OUT_OF_RANGE: {
    scope: 'answer',
    description:
      'The warehouse came to a number of the field that it cannot hold: a whole one beyond 2^63, or a decimal of more than 38 digits.',
    action: 'Narrow `where`, or leave the measure out that is so large.',
  },
  CANCELLED: {
    scope: 'answer',
    description: 'The client went away or the gateway is shutting down, and the statement was cancelled.',
    action: 'Ask again.',
  },
  ERRORS_LEFT_OUT: {
    scope: 'answer',
    description:
      'The last error of an answer that has more than twenty of them: one that repeats for each row, or a query with many mistakes.',
    action: 'Correct what the other errors say; `extensions.errors` is the number of those left out.',
  },
  INTERNAL_ERROR: {
    scope: 'answer',
    description: 'Something failed inside. The answer holds only a reference; the log holds the error under it.',
    action: 'Give `extensions.reference` to the operator.',
  },
  QUERY_TOO_DEEP: {
    scope: 'request',
    status: 400,
    description: 'The operation, or a variable of it, is nested deeper than the limit.',
    action: 'Flatten the operation; the message holds the limit.',
  },
  QUERY_TOO_LARGE: {
    scope: 'request',
    status: 400,
    description: 'The operation has more tokens, fields, aliases or root fields than the limit.',
    action: 'Split it into several requests, and pass lists of values as variables.',
  },
  REQUEST_TOO_LARGE: {
    scope: 'request',
    status: 413,
    description: 'The body of the request is larger than the limit.',
    action: 'Send a smaller body.',
  },
  BAD_REQUEST: {
    scope: 'request',
    status: 400,
    description: 'The HTTP request is not a GraphQL request: its body, method, headers or content type.',
    action: 'POST `{"query": "…"}` with `content-type: application/json`.',
  },
  UNAUTHENTICATED: {
    scope: 'request',
    status: 401,
    description: 'The request does not prove who sent it, or not with a key or token that is good.',
    action:
      'Send an API key or a token: `Authorization: Bearer …`, `x-api-key`, or the key as the password of HTTP Basic.',
  },
  FORBIDDEN: {
    scope: 'request',
    status: 403,
    description:
      'The caller is known, but has not the role that the request names, no role at all, or lacks a claim that the role reads.',
    action: 'The message says which; ask the operator for a key or token with it.',
  },
  OPERATION_NOT_ALLOWED: {
    scope: 'request',
    status: 403,
    description:
      'Only stored operations are answered here (`gateway.safelist`), and the request asks a question of its own.',
    action: 'Send a stored operation unchanged, or ask its address below `/api/v1/`.',
  },
  RATE_LIMITED: {
    scope: 'request',
    status: 429,
    description:
      'The caller has asked more often in this minute than he may, or too many bad keys or tokens came from his address.',
    action: 'Ask again after the seconds in the header `Retry-After`.',
  },
  EXPORTS_BUSY: {
    scope: 'request',
    status: 503,
    description:
      'As many exports run as may at the same time: of the caller (`limits.exports`), or of all callers from the warehouse.',
    action: 'Ask again after the seconds in the header `Retry-After`.',
  },
  AUTHENTICATION_UNAVAILABLE: {
    scope: 'request',
    status: 503,
    description:
      'Whether a key or token is good could not be told: the control database or the issuer of tokens does not answer.',
    action: 'Ask again later.',
  },
  HOST_NOT_ALLOWED: {
    scope: 'request',
    status: 403,
    description:
      'The `Host` header names neither this machine’s loopback nor an allowed host: a page elsewhere may be trying to read local data.',
    action: 'Use `localhost` or `127.0.0.1`, or add the name to gateway.allowedHosts.',
  },
  NOT_FOUND: {
    scope: 'request',
    status: 404,
    description: 'There is nothing under this path.',
    action: 'Use `/graphql`, `/api`, `/playground` or `/health/ready`; `/` lists what there is.',
  },
  GRAPHQL_PARSE_FAILED: {
    scope: 'request',
    status: 400,
    description: 'The query is not GraphQL.',
    action: 'Correct it at the position in `locations`.',
  },
  GRAPHQL_VALIDATION_FAILED: {
    scope: 'request',
    status: 400,
    description: 'The query does not fit the schema, or a value written in it has the wrong type.',
    action: 'Compare it with the schema (schema.graphql, or the documentation in Apollo Sandbox).',
  },
  BAD_USER_INPUT: {
    scope: 'request',
    status: 400,
    description: 'A variable or an argument has a value of the wrong type.',
    action: 'The message names the variable and the type it takes.',
  },
  OPERATION_RESOLUTION_FAILURE: {
    scope: 'request',
    status: 400,
    description: '`operationName` names no operation of the document, or several operations were sent without it.',
    action: 'Send the name of the operation to run.',
  },
  PERSISTED_QUERY_NOT_FOUND: {
    scope: 'request',
    status: 200,
    description:
      'The client sent the hash of a query in place of the query, and no query with that hash is known here (any more).',
    action: 'Send the query beside the hash; clients do so by themselves after this answer.',
  },
  AUTHENTICATION_REQUIRED_TO_LISTEN: {
    scope: 'start',
    description:
      'The gateway was told to listen on an address that other machines can reach, and asks nobody who they are.',
    action:
      'Set `gateway.authentication`, or listen on 127.0.0.1, ::1 or localhost; where something else keeps strangers out, set `gateway.exposed: true`.',
  },
})

export type ErrorCode = keyof typeof errorCatalogue
