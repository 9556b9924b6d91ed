import type { Entity } from '../../models/types.js'
import { quoteIdentifier } from '../sources/sql-text.js'
import type { Engine } from './engine.js'

/**
 * Fills `conform.dropped` with the rows that another row of the same key makes superfluous, and returns how many raw rows have no
 * row of their own. `newestWins` (an `append` entity, or one with `_version`): of each key the highest version stays, then the last by object and
 * row. Otherwise exact duplicates collapse to the first, and a key with different contents stays twice: the checks of the build find it.
 */
export async function collapse(engine: Engine, entity: Entity, newestWins: boolean): Promise<number> {
  const key = entity.key.map(quoteIdentifier).join(', ')
  await engine.run('CREATE OR REPLACE TABLE conform.dropped (_o INTEGER, _n BIGINT)')
  await engine.run(
    `CREATE OR REPLACE TABLE conform.repeated AS SELECT ${key} FROM conform.typed WHERE _problem = 0 GROUP BY ${key} HAVING count(*) > 1`,
  )
  const [repeated = 0] = await engine.numbers('SELECT count(*) FROM conform.repeated')
  if (repeated > 0) {
    const columns = entity.columns.map((column) => quoteIdentifier(column.name)).join(', ')
    const [same, order] = newestWins
      ? [key, '_version DESC NULLS LAST, _o DESC, _n DESC']
      : [`${columns}, _version`, '_o, _n']
    await engine.run(`INSERT INTO conform.dropped
      SELECT _o, _n FROM (
        SELECT _o, _n, row_number() OVER (PARTITION BY ${same} ORDER BY ${order}) AS place
        FROM conform.typed JOIN conform.repeated USING (${key}) WHERE _problem = 0
      ) WHERE place > 1`)
  }
  const [dropped = 0] = await engine.numbers('SELECT count(*) FROM conform.dropped')
  const [folded = 0] = await engine.numbers('SELECT sum(_lines - 1) FROM conform.typed WHERE _problem = 0')
  await engine.run('DROP TABLE conform.repeated')
  return dropped + folded
}
