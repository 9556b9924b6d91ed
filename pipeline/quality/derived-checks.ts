import { sourceColumn } from '../../models/lineage.js'
import type { Entity, GoldModel, LogicalType, RowCheck, Severity } from '../../models/types.js'
import type { BuildRef } from '../../warehouses/contract/builds.js'
import type { Dialect } from '../../warehouses/contract/dialect.js'
import { textLiteral } from '../../warehouses/dialect/standard.js'
import type { Check } from './check.js'

interface Table {
  /** `silver.sales`, in front of the names of its checks. */
  readonly name: string
  /** As the dialect writes it. */
  readonly sql: string
  /** `source` included. */
  readonly key: readonly string[]
  readonly columns: readonly { readonly name: string; readonly type: LogicalType; readonly nullable: boolean }[]
  readonly rowChecks: readonly RowCheck[]
}

/** What every entity's declaration promises of its Silver table: key, required columns, closed lists, row checks, references. */
export function entityChecks(entities: readonly Entity[], dialect: Dialect): Check[] {
  const byName = new Map(entities.map((entity) => [entity.name, entity]))
  return entities.flatMap((entity) => {
    const columns = [sourceColumn, ...entity.columns]
    const table = {
      name: `silver.${entity.name}`,
      sql: dialect.silverTable(entity.name),
      key: [sourceColumn.name, ...entity.key],
      columns,
      rowChecks: entity.rowChecks,
    }
    const references = entity.columns.flatMap((column) => {
      const target = column.references === undefined ? undefined : byName.get(column.references)
      return target === undefined ? [] : [referenceCheck(table, column.name, target, dialect)]
    })
    return [...tableChecks(table, 'key', dialect), ...references]
  })
}

/** What every model's declaration promises of its Gold table: grain, required columns, closed lists, row checks. */
export function modelChecks(models: readonly GoldModel[], dialect: Dialect, build: BuildRef): Check[] {
  return models.flatMap(({ name, grain, columns, rowChecks }) =>
    tableChecks(
      { name: `gold.${name}`, sql: dialect.goldTable(build, name), key: grain, columns, rowChecks },
      'grain',
      dialect,
    ),
  )
}

function tableChecks(table: Table, keyWord: 'key' | 'grain', dialect: Dialect): Check[] {
  const { quote } = dialect
  const key = table.key.map(quote).join(', ')
  const scan = (name: string, description: string, violation: string, severity: Severity, column?: string): Check => ({
    name: `${table.name}.${name}`,
    severity,
    description,
    sql: `SELECT * FROM ${table.sql} WHERE ${violation}`,
    shows: column === undefined || table.key.includes(column) ? table.key : [...table.key, column],
    scan: { table: table.sql, violation },
  })
  const required = table.columns.filter((column) => !column.nullable)
  const lists = table.columns.flatMap(({ name, type }) => (type.kind === 'enum' ? [{ name, values: type.values }] : []))
  return [
    {
      name: `${table.name}.${keyWord}`,
      severity: 'error',
      description: `No two rows of ${table.name} have the same ${table.key.join(', ')}.`,
      sql: `SELECT ${key}, COUNT(*) AS row_count FROM ${table.sql} GROUP BY ${key} HAVING COUNT(*) > 1`,
      shows: [...table.key, 'row_count'],
    },
    scan(
      'required',
      `These columns of ${table.name} are never NULL: ${required.map((column) => column.name).join(', ')}.`,
      required.map((column) => `${quote(column.name)} IS NULL`).join(' OR '),
      'error',
    ),
    ...lists.map(({ name, values }) =>
      scan(
        `accepted.${name}`,
        `${name} of ${table.name} is one of ${values.join(', ')}.`,
        `${quote(name)} NOT IN (${values.map(textLiteral).join(', ')})`,
        'error',
        name,
      ),
    ),
    ...table.rowChecks.map((check) =>
      scan(`row.${check.name}`, check.description, `NOT (${check.condition})`, check.severity),
    ),
  ]
}

/**
 * Keys that a column names and that are not there: one violation for each. Only where the source fills the entity at all;
 * otherwise its keys are unknown and not missing.
 */
function referenceCheck(table: Table, column: string, target: Entity, dialect: Dialect): Check {
  const { quote } = dialect
  const [key] = target.key
  if (key === undefined || target.key.length !== 1)
    throw new Error(`${table.name}.${column} references ${target.name}, which has no single key.`)
  return {
    name: `${table.name}.references.${column}`,
    severity: 'warn',
    description: `Every ${column} of ${table.name} is there in silver.${target.name}. The rows are kept all the same.`,
    sql:
      `SELECT t.source, t.${quote(column)}, COUNT(*) AS row_count FROM ${table.sql} AS t` +
      ` JOIN ${dialect.silverTable('source_entities')} AS known ON known.source = t.source AND known.entity = '${target.name}'` +
      ` LEFT JOIN ${dialect.silverTable(target.name)} AS r ON r.source = t.source AND r.${quote(key)} = t.${quote(column)}` +
      ` WHERE t.${quote(column)} IS NOT NULL AND r.${quote(key)} IS NULL GROUP BY t.source, t.${quote(column)}`,
    shows: ['source', column, 'row_count'],
  }
}
