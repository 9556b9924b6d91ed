import { type DuckDBConnection, DuckDBTypeId } from '@duckdb/node-api'
import type { Entity } from '../../models/types.js'
import { quoteIdentifier, quoteText } from '../sources/sql-text.js'
import type { QuarantineCode } from './contract.js'
import { storedType, typedValue, versionNumber } from './typing.js'

/** Why a row was rejected, by the number that `_problem` holds (0: it was not). */
export interface Problem {
  readonly reason: QuarantineCode
  readonly column: string
}

export interface EntitySelect {
  /** The typed rows: the entity's columns, _version, _o (ordinal of the object), _n (row), _lines, _problem. */
  readonly sql: string
  /** The first stands for 1. */
  readonly problems: readonly Problem[]
  readonly hasVersion: boolean
}

/**
 * Wraps the SELECT of a mapping: casts to the declared types, computed columns, row checks, and the first problem of each row.
 * Every value stands in one place only, so that nothing is computed twice.
 */
export async function entitySelect(
  connection: DuckDBConnection,
  entity: Entity,
  select: string,
  options: { readonly grouped: boolean; readonly mayHoldNul: boolean },
): Promise<EntitySelect> {
  const { grouped, mayHoldNul } = options
  const types = await columnTypes(connection, select)
  const problems: Problem[] = []
  const conditions: string[] = []
  const found = (condition: string, reason: QuarantineCode, column: string) => {
    problems.push({ reason, column })
    conditions.push(`WHEN ${condition} THEN ${problems.length}`)
  }
  const hasVersion = types.has('_version')
  const filled = entity.columns.filter((column) => column.computed === undefined)
  const typed: string[] = []
  for (const { name, type, nullable } of filled) {
    const column = quoteIdentifier(name)
    typed.push(`s.${column} AS ${given(name)}`)
    typed.push(`${typedValue(`s.${column}`, types.get(name) ?? DuckDBTypeId.VARCHAR, type)} AS ${column}`)
    if (!nullable) found(`${given(name)} IS NULL`, 'REQUIRED_MISSING', name)
    if (type.kind === 'text' && mayHoldNul) found(`contains(${column}, chr(0))`, 'NUL_CHARACTER', name)
    if (type.kind !== 'text')
      found(
        `${column} IS NULL AND ${given(name)} IS NOT NULL`,
        type.kind === 'enum' ? 'NOT_IN_LIST' : 'NOT_TYPED',
        name,
      )
  }
  if (hasVersion) {
    typed.push(`s._version AS ${given('_version')}`)
    typed.push(`${versionNumber('s._version', types.get('_version') ?? DuckDBTypeId.VARCHAR)} AS _version`)
    found(`_version IS NULL AND ${given('_version')} IS NOT NULL`, 'NOT_TYPED', '_version')
  } else typed.push('CAST(NULL AS BIGINT) AS _version')

  const computed: string[] = []
  for (const { name, type, computed: formula, nullable } of entity.columns) {
    if (formula === undefined) continue
    computed.push(`TRY(TRY_CAST(${formula} AS ${storedType(type)})) AS ${quoteIdentifier(name)}`)
    if (!nullable) found(`${quoteIdentifier(name)} IS NULL`, 'NOT_TYPED', name)
  }
  for (const check of entity.rowChecks)
    if (check.severity === 'error') found(`NOT TRY(${check.condition})`, 'CHECK_FAILED', check.name)

  const columns = entity.columns.map((column) => quoteIdentifier(column.name))
  const problem = conditions.length === 0 ? '0' : `CASE ${conditions.join(' ')} ELSE 0 END`
  const sql = `SELECT ${columns.join(', ')}, _version, _o, _n, _lines, CAST(${problem} AS SMALLINT) AS _problem
FROM (SELECT *${computed.map((column) => `, ${column}`).join('')} FROM (
SELECT ${typed.join(',\n  ')},
  o._o, s._line."row" AS _n, ${grouped ? 'CAST(s._lines AS BIGINT)' : '1'} AS _lines
FROM (
${select}
) AS s LEFT JOIN conform.objects AS o ON o.key = s._line."object"))`
  return { sql, problems, hasVersion }
}

/** Value list of `_problem`, reason and column, to join with. */
export function problemValues(problems: readonly Problem[]): string {
  const rows = problems.map(({ reason, column }, index) => `(${index + 1}, ${quoteText(reason)}, ${quoteText(column)})`)
  return `(VALUES ${['(0, NULL, NULL)', ...rows].join(', ')}) AS p(_problem, reason, "column")`
}

const given = (name: string): string => quoteIdentifier(`_given_${name}`)

async function columnTypes(connection: DuckDBConnection, select: string): Promise<Map<string, DuckDBTypeId>> {
  const prepared = await connection.prepare(select)
  const types = new Map<string, DuckDBTypeId>()
  for (let index = 0; index < prepared.columnCount; index++)
    types.set(prepared.columnName(index), prepared.columnTypeId(index))
  prepared.destroySync()
  return types
}
