/**
 * What a declaration is made of. A declaration is plain data: DDL, casts, merges, checks, GraphQL types and
 * docs/model.md are all derived from it, and nothing here imports anything.
 */

/** A type every warehouse can store exactly. `decimal` is never a binary float; `timestamp` is a UTC instant in microseconds. */
export type LogicalType =
  | { readonly kind: 'text' }
  | { readonly kind: 'integer' }
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'date' }
  | { readonly kind: 'timestamp' }
  /** A closed list. Stored as its lower-case text; in GraphQL an enum called `name` with upper-case values. */
  | { readonly kind: 'enum'; readonly name: string; readonly values: readonly string[] }

export type Severity = 'error' | 'warn'

export interface EntityColumn {
  readonly name: string
  readonly type: LogicalType
  readonly nullable: boolean
  /** The entity whose (single) key this column points to. */
  readonly references?: string
  /** SQL over the entity's other columns. Conform always computes such a column; a mapping may not fill it. */
  readonly computed?: string
  readonly description: string
}

/** A condition that one row must meet, in SQL that every dialect understands. NULL counts as met. */
export interface RowCheck {
  readonly name: string
  readonly condition: string
  readonly severity: Severity
  readonly description: string
}

/** A canonical Silver table. `source` is part of every key and is added by whoever derives DDL or SQL, like the lineage columns. */
export interface Entity {
  readonly name: string
  readonly description: string
  /** Without `source`. */
  readonly key: readonly string[]
  readonly columns: readonly EntityColumn[]
  readonly rowChecks: readonly RowCheck[]
}

/** How a measure adds up when rows are grouped. A measure that may not be added up is `rowOnly`. */
export type Aggregation =
  | { readonly how: 'sum' }
  | { readonly how: 'min' }
  | { readonly how: 'max' }
  /** Semi-additive: for each remaining key its latest row, then summed. */
  | { readonly how: 'last' }
  /** (sum of plus − sum of minus) / sum of denominator, NULL where the denominator is 0, rounded half away from zero to `scale`. */
  | {
      readonly how: 'ratio'
      readonly plus: readonly string[]
      readonly minus: readonly string[]
      readonly denominator: string
      readonly scale: number
    }
  | { readonly how: 'rowOnly' }

interface GoldColumnBase {
  readonly name: string
  readonly type: LogicalType
  readonly nullable: boolean
  /** One or two sentences for the GraphQL schema: meaning, formula and which sale statuses are counted. */
  readonly description: string
  /** Unit of the values, for people: `reporting currency`, `orders`, `items`, `days`, `ratio`. */
  readonly unit?: string
}

export interface Dimension extends GoldColumnBase {
  readonly role: 'dimension'
}

export interface Measure extends GoldColumnBase {
  readonly role: 'measure'
  readonly adds: Aggregation
}

export type GoldColumn = Dimension | Measure

export interface OrderTerm {
  readonly column: string
  readonly direction: 'asc' | 'desc'
}

/**
 * Columns that hold the key of another model: many rows here to at most one there. A row there may be missing, and a column here NULL. It is
 * declared once, on the side of the many, for both directions.
 */
export interface Reference {
  /** The model that is pointed to. */
  readonly model: string
  /** Columns here that hold the grain of that model, in its order; `source` is the first. */
  readonly columns: readonly string[]
  /** snake_case name of the field on this model: the one row there, NULL where there is none. */
  readonly field: string
  readonly description: string
  /** The way back, where it helps: a field on the other model with all rows of this one that point to its row. */
  readonly back?: {
    readonly field: string
    readonly description: string
  }
}

/** A field on every row: all rows of the model that are equal to it in these columns, added up by the rules of their measures. */
export interface Total {
  /** Dimensions; `source` is the first. A row in which one is NULL has no total. */
  readonly columns: readonly string[]
  /** snake_case name of the field. */
  readonly field: string
  readonly description: string
}

/** A Gold table with its GraphQL type. The first column of every model is the dimension `source`. */
export interface GoldModel {
  /** snake_case; also the table's name and `sql/gold/<name>.sql`. */
  readonly name: string
  readonly description: string
  /** What one row is: columns that are unique together, `source` included. */
  readonly grain: readonly string[]
  readonly columns: readonly GoldColumn[]
  /** Order of rows when the client gives none; the grain follows as the tie-break. */
  readonly defaultOrder: readonly OrderTerm[]
  readonly rowChecks: readonly RowCheck[]
  /** None where left out. */
  readonly references?: readonly Reference[]
  /** None where left out. */
  readonly totals?: readonly Total[]
}
