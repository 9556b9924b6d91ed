import type { LogicalType } from '../../models/types.js'
import type { Statement } from '../../warehouses/contract/values.js'
import type { QueryOptions } from '../../warehouses/contract/warehouse.js'
import type { Cost } from './cost.js'
import type { Pinned } from './pinned.js'

/** Thrown in place of reading anything, where a request asks what would be read. Nobody sees it. */
export class NotRun extends Error {
  constructor() {
    super('The request asks what would be read, and reads nothing.')
    this.name = 'NotRun'
  }
}

interface ExplainedStatement {
  readonly warehouse: string
  readonly build: string
  /** Without values. Left out for callers who do not see everything: it names what is hidden from them. */
  readonly sql?: string
  /** Types of the bound values, in their order. */
  readonly parameters?: readonly string[]
  /** That it would read; null where the warehouse does not estimate. */
  readonly bytes: number | null
}

/** What stands in `extensions.goldgate.explain`. */
export interface Explained {
  readonly statements: readonly ExplainedStatement[]
  /** Fields whose own statements cannot be told before others have run: they ask for what belongs to those rows. */
  readonly afterRows: readonly string[]
}

/** The statements of one request that runs none. */
export class Explanation {
  private readonly statements = new Map<Statement, Pinned>()
  private readonly later = new Set<string>()

  /** `whole`: the caller sees everything there is. */
  constructor(private readonly whole: boolean) {}

  wouldRun(pinned: Pinned, statement: Statement): void {
    this.statements.set(statement, pinned)
  }

  /** Fields that read more once something else is read. */
  wouldFollow(fields: readonly string[]): void {
    for (const field of fields) this.later.add(field)
  }

  /** Throws what the warehouses throw. */
  async told(cost: Cost, options: QueryOptions): Promise<Explained> {
    const statements = [...this.statements].map(async ([statement, pinned]): Promise<ExplainedStatement> => {
      const bytes = await cost.estimate(pinned, statement, options)
      return {
        ...{ warehouse: pinned.warehouse.name, build: pinned.build.buildId },
        ...(this.whole && { sql: statement.sql, parameters: statement.params.map(({ type }) => typeText(type)) }),
        bytes: bytes === undefined ? null : Number(bytes),
      }
    })
    return { statements: await Promise.all(statements), afterRows: [...this.later].sort() }
  }
}

const typeText = (type: LogicalType): string =>
  type.kind === 'decimal' ? `decimal(${type.precision},${type.scale})` : type.kind
