import { type Cells, cellsOf } from '../contract/cells.js'
import type { Dialect } from '../contract/dialect.js'
import { WarehouseError } from '../contract/errors.js'
import type { Row, Statement, Value } from '../contract/values.js'
import type { Warehouse, WarehouseWriter } from '../contract/warehouse.js'

/** An adapter with one mistake, and names of cases that must find it. */
export interface BrokenAdapter {
  readonly mistake: string
  readonly foundBy: readonly string[]
  breakWarehouse(warehouse: Warehouse): Warehouse
}

export const brokenAdapters: readonly BrokenAdapter[] = [
  {
    mistake: 'timestamps are cut to milliseconds',
    foundBy: ['timestamps keep microseconds on both sides of 1970', 'bound values come back as they were sent'],
    breakWarehouse: (warehouse) =>
      answering(warehouse, (value) =>
        typeof value === 'string' ? value.replace(/(\.\d{3})\d{3}Z$/, '$1000Z') : value,
      ),
  },
  {
    mistake: 'NULL becomes the empty string',
    foundBy: [
      'NULL, the empty string and texts that look like NULL stay apart',
      'NULL stays NULL in every type',
      'booleans stay booleans',
    ],
    breakWarehouse: (warehouse) => answering(warehouse, (value) => value ?? ''),
  },
  {
    mistake: 'decimals go through a binary float',
    foundBy: ['decimals keep 38 digits', 'decimals have the digits of their scale'],
    breakWarehouse: (warehouse) =>
      answering(warehouse, (value, kind) => (kind === 'decimal' && value !== null ? String(Number(value)) : value)),
  },
  {
    mistake: 'integers go through a binary float',
    foundBy: ['integers keep 64 bits'],
    breakWarehouse: (warehouse) =>
      answering(warehouse, (value) => (typeof value === 'bigint' ? BigInt(Number(value)) : value)),
  },
  {
    mistake: 'dates are shown a day early before 1970',
    foundBy: ['dates before 1970 stay the same day', 'bound values come back as they were sent'],
    breakWarehouse: (warehouse) =>
      answering(warehouse, (value, kind) => {
        if (kind !== 'date' || typeof value !== 'string' || value >= '1970') return value
        return new Date(Date.parse(value) - 86_400_000).toISOString().slice(0, 10)
      }),
  },
  {
    mistake: 'text is brought to one form of unicode',
    foundBy: ['text keeps unicode, quotes, backslashes and control characters'],
    breakWarehouse: (warehouse) =>
      answering(warehouse, (value) => (typeof value === 'string' ? value.normalize('NFC') : value)),
  },
  {
    mistake: 'NULLs are sorted at the other end',
    foundBy: ['NULLs are sorted where the order says, in both directions', 'pages forwards give every row once'],
    breakWarehouse: (warehouse) => {
      return speaking(warehouse, (dialect) => ({
        orderBy: (expression, type, direction, nulls) =>
          dialect.orderBy(expression, type, direction, nulls === 'first' ? 'last' : 'first'),
      }))
    },
  },
  {
    mistake: 'a page lacks its last row',
    foundBy: [
      'pages forwards give every row once',
      'pages backwards give every row once, each in the order asked for',
      'filters find exactly their rows',
    ],
    breakWarehouse: (warehouse) =>
      delegating(warehouse, {
        query: async (...args) => {
          const rows = await warehouse.query(...args)
          return rows.length > 1 ? rows.slice(0, -1) : rows
        },
      }),
  },
  {
    mistake: 'values are written into the SQL text',
    foundBy: ['hostile values in a filter find nothing and change nothing', 'bound values come back as they were sent'],
    breakWarehouse: (warehouse) =>
      delegating(warehouse, {
        query: (statement, builds, options) => warehouse.query(interpolated(statement), builds, options),
      }),
  },
  {
    mistake: 'a batch is loaded as often as it comes',
    foundBy: ['a batch is loaded once'],
    breakWarehouse: (warehouse) => {
      let loads = 0
      return writing(warehouse, (writer) => ({
        load: (batch) => {
          loads += 1
          return writer.load({ ...batch, hash: `${batch.hash}${loads}` })
        },
        merge: (batch) => writer.merge({ ...batch, hash: `${batch.hash}${loads}` }),
      }))
    },
  },
  {
    mistake: 'the ledger forgets what was merged',
    foundBy: ['the ledger says what is loaded and what is merged, by source', 'a hostile source is data'],
    breakWarehouse: (warehouse) =>
      writing(warehouse, (writer) => ({
        ledger: async (source) => ({ loaded: (await writer.ledger(source)).loaded, merged: new Set() }),
      })),
  },
  {
    mistake: 'a merge keeps the version that was there first',
    foundBy: [
      'an appended row replaces an older version of its key and leaves the rest',
      'of equal or unknown versions the later batch wins',
    ],
    breakWarehouse: (warehouse) => {
      const merged = new Set<string>()
      return writing(warehouse, (writer) => ({
        merge: async (batch) => {
          const first = !merged.has(batch.source)
          merged.add(batch.source)
          return first || batch.mode === 'full' ? writer.merge(batch) : true
        },
      }))
    },
  },
  {
    mistake: 'a full batch is added to what is there',
    foundBy: ['a full batch replaces all rows of its source and no others', 'an empty batch is loaded and merged'],
    breakWarehouse: (warehouse) =>
      writing(warehouse, (writer) => ({ merge: (batch) => writer.merge({ ...batch, mode: 'append' }) })),
  },
  {
    mistake: 'the fence is ignored',
    foundBy: [
      'a runner with a smaller token cannot open a writer',
      'a runner that lost its lease changes nothing, whatever it tries',
    ],
    breakWarehouse: (warehouse) =>
      delegating(warehouse, { openWriter: (_token, entities) => warehouse.openWriter(1n, entities) }),
  },
  {
    mistake: 'retain drops every build',
    foundBy: ['builds that are retained stay and all others go'],
    breakWarehouse: (warehouse) => writing(warehouse, (writer) => ({ retain: () => writer.retain(new Set()) })),
  },
  {
    mistake: 'every build goes into the same tables',
    foundBy: ['a published build stays as it is while another one is made', 'one request may read two builds'],
    breakWarehouse: (warehouse) => {
      const { dialect } = warehouse
      const only = { buildId: 'only', tag: 'only_1' }
      const broken = delegating(warehouse, {
        dialect: { ...dialect, goldTable: (_build, model) => dialect.goldTable(only, model) },
        query: (statement, builds, options) =>
          warehouse.query(
            statement,
            builds.map(() => only),
            options,
          ),
      })
      return writing(broken, (writer) => ({
        buildTable: (_build, model, select) => writer.buildTable(only, model, select),
        finishBuild: () => writer.finishBuild(only),
      }))
    },
  },
  {
    mistake: 'a build counts as there although its tables are gone',
    foundBy: ['a build is there when all its tables are'],
    breakWarehouse: (warehouse) => writing(warehouse, () => ({ hasBuild: async () => true })),
  },
  {
    mistake: 'the canonical text of decimals loses the zeros at its end',
    foundBy: ['the canonical text in SQL is the one that values have'],
    breakWarehouse: (warehouse) =>
      speaking(warehouse, ({ canonicalText }) => ({
        canonicalText: (expression, type) =>
          type.kind === 'decimal' ? `rtrim(${canonicalText(expression, type)}, '0')` : canonicalText(expression, type),
      })),
  },
  {
    mistake: 'the length of a text is in bytes',
    foundBy: ['the length of a text counts code points'],
    breakWarehouse: (warehouse) => speaking(warehouse, () => ({ textLength: (text) => `octet_length(${text})` })),
  },
  {
    mistake: 'the hash is of the end of the MD5',
    foundBy: ['the hash of a text is the beginning of its MD5'],
    breakWarehouse: (warehouse) =>
      speaking(warehouse, () => ({ hash60: (text) => `('x' || right(md5(${text}), 15))::bit(60)::bigint` })),
  },
  {
    mistake: 'a ratio is cut instead of rounded',
    foundBy: ['ratio divides exactly and rounds half away from zero to 2 digits'],
    breakWarehouse: (warehouse) =>
      speaking(warehouse, ({ macros }) => ({
        macros: {
          ...macros,
          ratio: (numerator, denominator, scale) => `trunc(${macros.ratio(numerator, denominator, 9)}, ${scale})`,
        },
      })),
  },
  {
    mistake: 'weeks start on Sunday',
    foundBy: ['truncDate goes to the first day of the week'],
    breakWarehouse: (warehouse) =>
      speaking(warehouse, ({ macros }) => ({
        macros: {
          ...macros,
          truncDate: (grain, day) =>
            grain === 'week'
              ? macros.addDays(macros.truncDate('week', macros.addDays(day, '1')), '-1')
              : macros.truncDate(grain, day),
        },
      })),
  },
  {
    mistake: 'a statement runs as long as it likes',
    foundBy: ['a statement that runs too long is stopped'],
    breakWarehouse: (warehouse) =>
      delegating(warehouse, {
        // Not for ever: the test has to end.
        query: (statement, builds, options) => warehouse.query(statement, builds, { ...options, timeoutMs: 12_000 }),
      }),
  },
  {
    mistake: 'what is not estimated is said to be nothing',
    foundBy: ['a statement is estimated where the warehouse says that it estimates'],
    breakWarehouse: (warehouse) => delegating(warehouse, { estimate: async () => ({ bytes: 0n }) }),
  },
  {
    mistake: 'a stream ends where it fails',
    foundBy: ['a stream that fails is an error and no end, in the middle too'],
    breakWarehouse: (warehouse) =>
      delegating(warehouse, {
        async *stream(...args) {
          try {
            yield* warehouse.stream(...args)
          } catch {
            // What was there already looks like everything.
          }
        },
      }),
  },
  {
    mistake: 'a stream lacks what is behind its first chunk',
    foundBy: ['a stream gives every row once, in order, as a query does'],
    breakWarehouse: (warehouse) =>
      delegating(warehouse, {
        async *stream(...args) {
          for await (const rows of warehouse.stream(...args)) {
            yield rows
            return
          }
        },
      }),
  },
  {
    mistake: 'cells end quietly where they should fail',
    foundBy: ['a stream that fails is an error and no end, in the middle too'],
    breakWarehouse: (warehouse) =>
      delegating(warehouse, {
        async *cells(...args) {
          try {
            yield* cellsThere(warehouse, ...args)
          } catch {
            // As above.
          }
        },
      }),
  },
  {
    mistake: 'NULL is empty text in cells',
    foundBy: ['what a stream gives is what a query gives, to the byte'],
    breakWarehouse: (warehouse) =>
      delegating(warehouse, {
        async *cells(...args) {
          for await (const cells of cellsThere(warehouse, ...args))
            yield { ...cells, lengths: cells.lengths.map((length) => Math.max(0, length)) }
        },
      }),
  },
  {
    mistake: 'the text of a query lacks its last row',
    foundBy: ['what a stream gives is what a query gives, to the byte'],
    breakWarehouse: (warehouse) =>
      delegating(warehouse, {
        async queryCells(...args) {
          const cells = (await warehouse.queryCells?.(...args)) ?? cellsOf([])
          return { ...cells, rows: Math.max(0, cells.rows - 1) }
        },
      }),
  },
  {
    mistake: 'no stream may run',
    foundBy: ['as many streams as the warehouse names run side by side, and keep no query waiting'],
    breakWarehouse: (warehouse) => delegating(warehouse, { streams: 0 }),
  },
  {
    mistake: 'a limit of bytes is promised and not kept',
    foundBy: [
      'a statement that would read more bytes than it may is refused, where the warehouse says that it keeps a limit',
    ],
    breakWarehouse: (warehouse) =>
      delegating(warehouse, { capabilities: { ...warehouse.capabilities, maxBytesBilled: true } }),
  },
  {
    mistake: 'what a statement has read is told with every piece',
    foundBy: ['what a statement has read is told at most once'],
    breakWarehouse: (warehouse) =>
      delegating(warehouse, {
        async *stream(statement, builds, options) {
          options?.onRead?.(0n)
          for await (const rows of warehouse.stream(statement, builds, options)) {
            options?.onRead?.(1n)
            yield rows
          }
        },
      }),
  },
  {
    mistake: 'an engine that is down looks like a mistake in the statement',
    foundBy: ['an engine that does not answer is WAREHOUSE_UNAVAILABLE'],
    breakWarehouse: (warehouse) =>
      delegating(warehouse, {
        ping: () =>
          warehouse.ping().catch((error: unknown) => {
            throw new WarehouseError('WAREHOUSE_ERROR', warehouse.name, String(error))
          }),
      }),
  },
  {
    mistake: 'setup tells what it would make, made or not',
    foundBy: ['setup makes what a warehouse needs, and the second time nothing'],
    breakWarehouse: (warehouse) => delegating(warehouse, { setup: async () => ['Created everything.'] }),
  },
  {
    mistake: 'a diagnosis believes that the engine answers',
    foundBy: ['a diagnosis of an engine that does not answer is a problem and no error'],
    breakWarehouse: (warehouse) =>
      delegating(warehouse, { diagnose: async () => ({ found: 'an engine', problems: [] }) }),
  },
]

/** The warehouse with some members replaced. */
function delegating(warehouse: Warehouse, changes: Partial<Warehouse>): Warehouse {
  const { cells, queryCells, streams, estimate, pool } = warehouse
  return {
    // What it need not have: the cases ask whether it is there.
    ...(cells && { cells: cells.bind(warehouse) }),
    ...(queryCells && { queryCells: queryCells.bind(warehouse) }),
    ...(streams !== undefined && { streams }),
    ...(estimate && { estimate: estimate.bind(warehouse) }),
    ...(pool && { pool: pool.bind(warehouse) }),
    name: warehouse.name,
    kind: warehouse.kind,
    capabilities: warehouse.capabilities,
    dialect: warehouse.dialect,
    query: (...args) => warehouse.query(...args),
    stream: (...args) => warehouse.stream(...args),
    ping: () => warehouse.ping(),
    setup: () => warehouse.setup(),
    diagnose: () => warehouse.diagnose(),
    openWriter: (...args) => warehouse.openWriter(...args),
    close: () => warehouse.close(),
    ...changes,
  }
}

/** A mistake in cells that the warehouse does not have would be found by nobody. */
function cellsThere(warehouse: Warehouse, ...args: Parameters<Warehouse['stream']>): AsyncIterable<Cells> {
  if (!warehouse.cells) throw new Error(`Warehouse ${warehouse.name} gives no cells.`)
  return warehouse.cells(...args)
}

/** The warehouse with parts of its dialect replaced. */
function speaking(warehouse: Warehouse, changes: (dialect: Dialect) => Partial<Dialect>): Warehouse {
  const { dialect } = warehouse
  return delegating(warehouse, { dialect: { ...dialect, ...changes(dialect) } })
}

/** The warehouse with some members of its writers replaced. */
function writing(warehouse: Warehouse, changes: (writer: WarehouseWriter) => Partial<WarehouseWriter>): Warehouse {
  return delegating(warehouse, {
    async openWriter(token, entities) {
      const writer = await warehouse.openWriter(token, entities)
      return {
        ledger: (source) => writer.ledger(source),
        load: (batch) => writer.load(batch),
        merge: (batch) => writer.merge(batch),
        mergeSource: (state) => writer.mergeSource(state),
        buildTable: (...args) => writer.buildTable(...args),
        finishBuild: (build) => writer.finishBuild(build),
        hasBuild: (...args) => writer.hasBuild(...args),
        query: (...args) => writer.query(...args),
        retain: (tags) => writer.retain(tags),
        exposeViews: (...args) => writer.exposeViews(...args),
        close: () => writer.close(),
        ...changes(writer),
      }
    },
  })
}

/** The warehouse with every value that readers get changed. */
function answering(warehouse: Warehouse, change: (value: Value, kind: string) => Value): Warehouse {
  return delegating(warehouse, {
    async query(statement, builds, options) {
      const kinds = new Map(statement.columns.map(({ name, type }) => [name, type.kind]))
      const rows = await warehouse.query(statement, builds, options)
      return rows.map(
        (row): Row =>
          Object.fromEntries(
            Object.entries(row).map(([name, value]) => [name, change(value, kinds.get(name) ?? 'text')]),
          ),
      )
    },
  })
}

function interpolated(statement: Statement): Statement {
  const sql = statement.sql.replace(/\$(\d+)/g, (_, n: string) => {
    const value = statement.params[Number(n) - 1]?.value ?? null
    return value === null ? 'NULL' : `'${value}'`
  })
  return { ...statement, sql, params: [] }
}
