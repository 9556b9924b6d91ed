import type { DuckDBConnection, DuckDBMaterializedResult, DuckDBPreparedStatement } from '@duckdb/node-api'
import { LRUCache } from 'lru-cache'

/** Of one connection: each holds its plan in memory. */
const mostKept = 32

/**
 * What connections keep prepared, by its text. A statement over few rows is planned for as long as it runs, and those of a gateway differ by their values only. The engine looks at
 * what it has prepared before it runs it, and plans it anew where a build was let go since; no file stays open for it.
 */
export class PreparedStatements {
  readonly #kept = new WeakMap<DuckDBConnection, LRUCache<string, DuckDBPreparedStatement>>()

  /** All rows of a statement, prepared once on its connection. Throws the engine's error, behind which nothing is kept of it. */
  async run(
    connection: DuckDBConnection,
    sql: string,
    values: readonly (string | null)[],
  ): Promise<DuckDBMaterializedResult> {
    const all = this.#of(connection)
    const statement = all.get(sql) ?? (await connection.prepare(sql))
    all.set(sql, statement)
    try {
      statement.bind([...values])
      return await statement.run()
    } catch (error) {
      all.delete(sql)
      throw error
    }
  }

  #of(connection: DuckDBConnection): LRUCache<string, DuckDBPreparedStatement> {
    const known = this.#kept.get(connection)
    if (known) return known
    const made = new LRUCache<string, DuckDBPreparedStatement>({
      max: mostKept,
      dispose: (statement) => statement.destroySync(),
      // Put under its text again, it is the same one.
      noDisposeOnSet: true,
    })
    this.#kept.set(connection, made)
    return made
  }
}
