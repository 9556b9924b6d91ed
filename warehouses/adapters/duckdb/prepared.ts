import type { DuckDBConnection, DuckDBMaterializedResult, DuckDBPreparedStatement } from '@duckdb/node-api'
import { LRUCache } from 'lru-cache'

/** Of one connection: each holds its plan in memory. */
const mostKept = 32

/**
 * What connections keep prepared, by its text. A statement over few rows is planned for as long as it runs, and those of a gateway differ by their values only. The engine looks at
 * what it has prepared before it runs it, and plans it anew where a build was let go since; no file stays open for it.
 * What is kept goes with its connection, which destroys what it has prepared when it is closed.
 */
export class PreparedStatements {
  readonly #kept = new WeakMap<DuckDBConnection, LRUCache<string, DuckDBPreparedStatement>>()

  /** All rows of a statement, prepared once on its connection. Throws the engine's error. */
  async run(
    connection: DuckDBConnection,
    sql: string,
    values: readonly (string | null)[],
  ): Promise<DuckDBMaterializedResult> {
    const all = this.#of(connection)
    let statement = all.get(sql)
    if (!statement) {
      statement = await connection.prepare(sql)
      all.set(sql, statement)
    }
    statement.bind([...values])
    return statement.run()
  }

  #of(connection: DuckDBConnection): LRUCache<string, DuckDBPreparedStatement> {
    const known = this.#kept.get(connection)
    if (known) return known
    const made = new LRUCache<string, DuckDBPreparedStatement>({
      max: mostKept,
      dispose: (statement) => statement.destroySync(),
    })
    this.#kept.set(connection, made)
    return made
  }
}
