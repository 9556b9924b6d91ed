import { join } from 'node:path'
import { entities } from '../models/entities/index.js'
import { type SystemTable, systemTables } from '../models/entities/system.js'
import { goldModels } from '../models/gold/index.js'
import { lineageColumns, sourceColumn } from '../models/lineage.js'
import type {
  Aggregation,
  Entity,
  EntityColumn,
  GoldColumn,
  GoldModel,
  LogicalType,
  RowCheck,
} from '../models/types.js'
import { packageRoot } from '../warehouses/package-root.js'

export const modelDocumentPath = (): string => join(packageRoot(), 'docs', 'model.md')

/** docs/model.md, whole, from the declarations. */
export function modelDocument(): string {
  return [
    introduction,
    '## Silver: entities\n',
    silverIntroduction,
    ...entities.map(entitySection),
    '## Silver: what the pipeline knows about its sources\n',
    ...systemTables.map(systemSection),
    '## Gold: models\n',
    goldIntroduction,
    ...goldModels.map(modelSection),
  ].join('\n')
}

const introduction = `# The model

Written by \`npm run model-docs\` from \`models/\`; edit the declarations, not this page.

Types: \`text\`, \`integer\` (64 bit), \`decimal(p,s)\` (exact), \`boolean\`, \`date\`, \`timestamp\` (a UTC instant in microseconds), and
closed lists, whose values are given. \`*\` marks a column of the key or grain, \`?\` one that may be NULL. Amounts are in the
reporting currency of their source.
`

const silverIntroduction = `Every table begins with \`source\` (${lower(sourceColumn.description)}), which is part of every key, and ends with where a row came from:
${lineageColumns.map((column) => `\`${column.name}\``).join(', ')}. A row check of severity error puts a row in quarantine; one of severity warn is reported.
`

const goldIntroduction = `How a measure adds up when rows are grouped:

- **sum**, **min**, **max**: over the rows of the group in which the measure is not NULL, so that a formula of several sums need not hold of a group ([groups.md](groups.md#how-measures-add-up)).
- **last**: for each remaining key its latest row in the group, then summed.
- **ratio**: recomputed from the summed parts, rounded half away from zero; NULL where the denominator is 0.
- **row only**: not offered in groups, because it does not add up.
`

function entitySection(entity: Entity): string {
  return [
    `### ${entity.name}\n`,
    `${entity.description}\n`,
    entityTable([...entity.columns], entity.key),
    ...checkList(entity.rowChecks),
  ].join('\n')
}

function systemSection(table: SystemTable): string {
  return [`### ${table.name}\n`, `${table.description}\n`, entityTable(table.columns, table.key)].join('\n')
}

function entityTable(columns: readonly EntityColumn[], key: readonly string[]): string {
  return tableOf(
    ['column', 'type', 'references', 'meaning'],
    columns.map((column) => [
      mark(column.name, key, column.nullable),
      typeText(column.type),
      column.references ?? '',
      column.description + (column.computed === undefined ? '' : ' Computed, whatever the source says.'),
    ]),
  )
}

function modelSection(model: GoldModel): string {
  const order = model.defaultOrder.map((term) => `${term.column} ${term.direction}`).join(', ')
  return [
    `### ${model.name}\n`,
    `${model.description}\n`,
    `One row per ${model.grain.join(', ')}. Rows come by ${order}, then by the grain.\n`,
    tableOf(
      ['column', 'type', 'unit', 'adds up', 'meaning'],
      model.columns.map((column) => [
        mark(column.name, model.grain, column.nullable),
        typeText(column.type),
        column.unit ?? '',
        addsUp(column),
        column.description,
      ]),
    ),
    ...referenceList(model),
    ...checkList(model.rowChecks),
  ].join('\n')
}

/** Both directions of what this model points to, and what points to it. */
function referenceList(model: GoldModel): string[] {
  const here = (model.references ?? []).map(
    (each) => `- \`${each.field}\` (one of \`${each.model}\`, by ${each.columns.join(', ')}): ${each.description}`,
  )
  const back = goldModels.flatMap((from) =>
    (from.references ?? []).flatMap((each) =>
      each.model === model.name && each.back
        ? [
            `- \`${each.back.field}\` (many of \`${from.name}\`, by ${each.columns.join(', ')}): ${each.back.description}`,
          ]
        : [],
    ),
  )
  const totals = (model.totals ?? []).map(
    (each) => `- \`${each.field}\` (all rows with the same ${each.columns.join(', ')}): ${each.description}`,
  )
  const all = [...here, ...back, ...totals]
  return all.length === 0 ? [] : [`Relations:\n\n${all.join('\n')}\n`]
}

function checkList(checks: readonly RowCheck[]): string[] {
  if (checks.length === 0) return []
  const lines = checks.map((check) => `- \`${check.name}\` (${check.severity}): ${check.description}`)
  return [`Row checks:\n\n${lines.join('\n')}\n`]
}

function addsUp(column: GoldColumn): string {
  return column.role === 'dimension' ? 'dimension' : aggregationText(column.adds)
}

function aggregationText(adds: Aggregation): string {
  switch (adds.how) {
    case 'rowOnly':
      return 'row only'
    case 'ratio': {
      const minus = adds.minus.map((name) => ` − ${name}`).join('')
      const parts = adds.plus.join(' + ') + minus
      return `ratio(${adds.minus.length > 0 ? `(${parts})` : parts} / ${adds.denominator}, ${adds.scale})`
    }
    default:
      return adds.how
  }
}

function typeText(type: LogicalType): string {
  switch (type.kind) {
    case 'decimal':
      return `decimal(${type.precision},${type.scale})`
    case 'enum':
      return type.values.join(', ')
    default:
      return type.kind
  }
}

const mark = (name: string, key: readonly string[], nullable: boolean): string =>
  `${name}${key.includes(name) ? '*' : ''}${nullable ? '?' : ''}`

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return `${[line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')}\n`
}

function lower(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1).replace(/\.$/, '')
}
