import { z } from 'zod'

/** DuckDB's own parse of a SELECT, as its function json_serialize_sql gives it. */
const node = z.record(z.string(), z.unknown())
type TreeNode = z.output<typeof node>

interface TableUse {
  readonly schema: string
  readonly table: string
  /** In bytes from the start of the SQL. */
  readonly offset: number
}

interface Forbidden {
  readonly message: string
  readonly offset: number
}

export interface SelectTree {
  /** Tables that are no common table expressions. */
  readonly tables: readonly TableUse[]
  /** What would make two runs over the same rows differ, or read something else than the source. */
  readonly forbidden: readonly Forbidden[]
  /** Offset of the n-th column of the outermost SELECT, where it is written out. */
  columnOffset(index: number): number | undefined
}

const changing = new Set(
  `now current_timestamp get_current_timestamp transaction_timestamp statement_timestamp current_date today current_time get_current_time
   current_localtime current_localtimestamp localtime localtimestamp random setseed uuid gen_random_uuid uuidv4 uuidv7 nextval currval
   txid_current any_value arbitrary current_setting getvariable getenv version`.split(/\s+/),
)
const needOrder = new Set(
  'first last list array_agg string_agg group_concat listagg first_value last_value nth_value'.split(' '),
)
const tableFunctions = new Set(['unnest', 'range', 'generate_series'])

/** Reads the tree; `columns` are names that a SELECT may use although they are also names of functions. */
export function readSelectTree(json: unknown, columns: ReadonlySet<string>): SelectTree {
  const statement = z.object({ statements: z.tuple([z.object({ node })]) }).parse(json).statements[0]
  const tables: TableUse[] = []
  const forbidden: Forbidden[] = []
  const withNames = new Set<string>()
  visit(statement.node, (each) => {
    const offset = offsetOf(each) ?? 0
    const name = typeof each.function_name === 'string' ? each.function_name.toLowerCase() : ''
    for (const entry of cteNames(each)) withNames.add(entry.toLowerCase())
    if (each.type === 'BASE_TABLE') {
      tables.push({ schema: String(each.schema_name), table: String(each.table_name), offset })
      if (each.catalog_name !== '' && each.catalog_name !== undefined)
        forbidden.push({ message: `${String(each.catalog_name)}.… is not a dataset of the source`, offset })
    }
    if (each.sample) forbidden.push({ message: 'a sample differs from run to run', offset })
    if (each.type === 'TABLE_FUNCTION') {
      const called = String((each.function as TreeNode | undefined)?.function_name ?? '')
      if (!tableFunctions.has(called))
        forbidden.push({ message: `${called}() reads something else than the source`, offset })
    }
    if (each.class === 'COLUMN_REF' && Array.isArray(each.column_names) && each.column_names.length === 1) {
      const column = String(each.column_names[0]).toLowerCase()
      if (changing.has(column) && !columns.has(column))
        forbidden.push({ message: `${column} differs from run to run`, offset })
    }
    if (each.class === 'FUNCTION') {
      // age(x) counts up to today, age(a, b) does not.
      const toToday = name === 'age' && Array.isArray(each.children) && each.children.length === 1
      if (changing.has(name) || toToday) forbidden.push({ message: `${name}() differs from run to run`, offset })
      if (needOrder.has(name) && !isOrdered(each.order_bys))
        forbidden.push({
          message: `${name}() needs an ORDER BY inside its brackets, or it differs from run to run`,
          offset,
        })
    }
    if (
      each.class === 'WINDOW' &&
      (name === 'row_number' || needOrder.has(name)) &&
      !hasItems(each.orders) &&
      !hasItems(each.arg_orders)
    )
      forbidden.push({ message: `${name}() needs an ORDER BY in its window, or it differs from run to run`, offset })
  })
  const list = Array.isArray(statement.node.select_list) ? (statement.node.select_list as TreeNode[]) : []
  return {
    tables: tables.filter((use) => use.schema !== '' || !withNames.has(use.table.toLowerCase())),
    forbidden,
    columnOffset: (index) => {
      const written = list.every((each) => each.class !== 'STAR') ? list[index] : list[0]
      return written && offsetOf(written)
    },
  }
}

function visit(value: unknown, seen: (each: TreeNode) => void): void {
  if (Array.isArray(value)) for (const each of value) visit(each, seen)
  else if (value !== null && typeof value === 'object') {
    seen(value as TreeNode)
    for (const each of Object.values(value)) visit(each, seen)
  }
}

/** DuckDB gives 2^64 - 1 where it knows no place (COALESCE, NOT, IN (SELECT …)): then the first place below it. */
function offsetOf(each: TreeNode): number | undefined {
  let first: number | undefined
  const own = each.query_location
  if (Number.isSafeInteger(own)) return Number(own)
  visit(each, ({ query_location: place }) => {
    if (Number.isSafeInteger(place)) first = Math.min(first ?? Number(place), Number(place))
  })
  return first
}

function cteNames(each: TreeNode): string[] {
  const map = (each.cte_map as { map?: unknown } | undefined)?.map
  const own = Array.isArray(map) ? map.map((entry) => String((entry as { key?: unknown }).key)) : []
  return typeof each.cte_name === 'string' ? [...own, each.cte_name] : own
}

const hasItems = (value: unknown): boolean => Array.isArray(value) && value.length > 0
const isOrdered = (value: unknown): boolean => hasItems((value as { orders?: unknown } | null | undefined)?.orders)
