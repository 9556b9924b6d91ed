/** A source as its folder `sql/sources/<name>/` declares it, after parsing. */
export interface Mapping {
  readonly name: string
  /** Absolute. */
  readonly directory: string
  /** ISO 4217; all amounts of Silver and Gold are in it. */
  readonly currency: string
  /** IANA; business dates are taken in it. */
  readonly timezone: string
  /** ISO 3166-1 alpha-2. */
  readonly country: string
  readonly datasets: readonly Dataset[]
  readonly entities: readonly EntityMapping[]
}

export interface Dataset {
  readonly name: string
  /** Glob, relative to the source's data folder. */
  readonly files: string
  readonly format: FileFormat
  /** Columns that must be there; more may be, and are ignored unless a SELECT names them (then they must be listed). */
  readonly columns: readonly string[]
  /** No file at all is not an error. */
  readonly optional: boolean
}

export type FileFormat =
  | {
      readonly kind: 'csv'
      /** A label that iconv knows: `utf-8`, `windows-1252`, … Bytes that it does not define put the row in quarantine. */
      readonly encoding: string
      readonly delimiter: string
      /** Empty where fields are never quoted. */
      readonly quote: string
      /** The character in front of a quote inside a quoted field; by default the quote itself. */
      readonly escape: string
      readonly newline: 'lf' | 'crlf'
      readonly header: boolean
      readonly gzip: boolean
      /** A field with exactly this text and no quotes is NULL. */
      readonly nullText: string
    }
  | { readonly kind: 'json' | 'ndjson'; readonly gzip: boolean }
  | { readonly kind: 'parquet' }

export interface EntityMapping {
  readonly entity: string
  /** The driving dataset: each of its rows ends as loaded, collapsed, quarantined or filtered. */
  readonly from: string
  readonly mode: 'full' | 'append'
  /** Rows of the driving dataset that this entity leaves out, and why. */
  readonly filter?: { readonly where: string; readonly because: string }
  /** Of a full entity: share of the rows, 0 to 1, that may end in quarantine before the source stops. */
  readonly maxRejected: number
  /** Several rows of the driving dataset become one row: the SELECT groups. */
  readonly grouped: boolean
  /** A SELECT in DuckDB SQL over `raw.<dataset>`; file relative to the folder. */
  readonly sqlFile: string
  readonly sql: string
  /** Datasets that the SELECT reads besides `from`. */
  readonly lookups: readonly string[]
}
