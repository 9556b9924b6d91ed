/** What one request may ask for. Everything beyond is refused with a clear error; nothing is ever cut silently. */
export interface Limits {
  /** Rows of a page when the client names no number, and the most it may name. */
  readonly defaultPageSize: number
  readonly maxPageSize: number
  /** Rows that all relations of one request may read together: lists in lists multiply. */
  readonly relatedRows: number
  /** Milliseconds after which a statement is cancelled in the warehouse. */
  readonly statementTimeoutMs: number
  /** Milliseconds that an export may take from its first row to its last, its client's pace included. */
  readonly exportTimeoutMs: number
  /** Milliseconds after which an export is given up whose client takes nothing of it. */
  readonly exportStallMs: number
  /** Exports of one caller that run side by side in one warehouse, in each process. */
  readonly exports: number
  /** Milliseconds that an export waits for a place beside others. */
  readonly exportWaitMs: number
  /** Nesting of fields; introspection has graphql-js's own limit. */
  readonly depth: number
  readonly rootFields: number
  /** Fields under another name, or the same one again. */
  readonly aliases: number
  /** Fields of an operation, those of fragments counted wherever they are spread. */
  readonly fields: number
  readonly tokens: number
  /** Brackets of any kind, one in another, in the text of a query. */
  readonly brackets: number
  /** Nesting of JSON in variables. */
  readonly variableDepth: number
  /** Values in variables, those inside of others counted too. */
  readonly variableValues: number
  /** Nesting of `and`, `or` and `not`, conditions, and values in all lists of one `where`. */
  readonly filterDepth: number
  readonly conditions: number
  readonly values: number
  readonly bodyBytes: number
  /** Of one caller, in each process; as many as he likes where left out. */
  readonly requestsPerMinute?: number | undefined
  /** Rows of one export; all of them where left out. */
  readonly exportRows?: number | undefined
  /** Bytes that all statements of one request may be estimated to read together, in warehouses that estimate; as many as they do where left out. */
  readonly bytes?: number | undefined
}

export const defaultLimits: Limits = {
  defaultPageSize: 50,
  maxPageSize: 1000,
  relatedRows: 10_000,
  statementTimeoutMs: 30_000,
  exportTimeoutMs: 900_000,
  exportStallMs: 60_000,
  exports: 2,
  exportWaitMs: 10_000,
  depth: 12,
  rootFields: 20,
  aliases: 30,
  fields: 1000,
  tokens: 4000,
  brackets: 250,
  variableDepth: 32,
  variableValues: 20_000,
  filterDepth: 8,
  conditions: 200,
  values: 5000,
  bodyBytes: 1_048_576,
}
