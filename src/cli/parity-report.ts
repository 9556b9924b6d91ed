import type { DifferingKey, KeyDifferences, ModelFigures, ParityReport } from '../../warehouses/contract/parity.js'
import { count, oneLine, table } from './format.js'

/** Models by warehouses: the rows of the first one, and which figures of the others are not its own. */
export function parityLines(report: ParityReport): string[] {
  const names = report.warehouses.map(({ warehouse, status }) =>
    status === 'passed' ? warehouse : `${warehouse} (${status})`,
  )
  const lines = report.models.map(({ model, figures }) => [
    model,
    ...report.warehouses.map(({ warehouse }) => cell(figures, warehouse)),
  ])
  return [
    `Build ${report.buildId}: ${verdict(report)}`,
    table(['model', ...names], lines),
    ...report.models.flatMap(({ model, figures }) => figureLines(model, figures)),
  ]
}

/** The differing keys of each pair of warehouses, with both values. */
export function differingKeyLines(pages: readonly KeyDifferences[]): string[] {
  return pages.flatMap(({ model, warehouses, keys, more }) => [
    '',
    `${model}: ${warehouses[0]} beside ${warehouses[1]}`,
    ...keys.flatMap((key) => keyLines(key, warehouses)),
    ...(more ? ['  … and more: raise --limit to see them'] : []),
  ])
}

function verdict({ equal, warehouses }: ParityReport): string {
  if (warehouses.length < 2) return `only ${warehouses[0]?.warehouse ?? 'no warehouse'} holds it, nothing to compare`
  return equal ? `equal in ${warehouses.length} warehouses` : 'the warehouses differ'
}

function cell(figures: readonly ModelFigures[], warehouse: string): string {
  const own = figures.find((each) => each.warehouse === warehouse)
  if (!own) return '-'
  if (own === figures[0]) return `${count(Number(own.rows))} rows`
  return own.differs.length === 0 ? 'equal' : `DIFFERENT: ${own.differs.join(', ')}`
}

function figureLines(model: string, figures: readonly ModelFigures[]): string[] {
  const [first] = figures
  return figures.flatMap((each) =>
    each.differs
      .filter((name) => name !== 'checksum')
      .map(
        (name) =>
          `  ${model} ${name}: ${first?.warehouse} ${figure(first, name)}, ${each.warehouse} ${figure(each, name)}`,
      ),
  )
}

function figure(of: ModelFigures | undefined, name: string): string {
  return name === 'rows' ? String(of?.rows) : (of?.sums[name] ?? 'NULL')
}

function keyLines({ key, rows, columns }: DifferingKey, warehouses: readonly [string, string]): string[] {
  const name = Object.entries(key)
    .map(([column, value]) => `${column}=${value === null ? 'NULL' : oneLine(value, 60)}`)
    .join(' ')
  if (columns.length === 0)
    return [
      `  ${name}: ${warehouses.map((each, i) => `${rows[i]} row${rows[i] === 1n ? '' : 's'} in ${each}`).join(', ')}`,
    ]
  return [
    `  ${name}`,
    ...columns.map(({ column, values }) => `    ${column}: ${shown(values[0])} beside ${shown(values[1])}`),
  ]
}

/** With quotes, so that an empty text is seen, and is not NULL. */
const shown = (value: string | null): string => (value === null ? 'NULL' : JSON.stringify(oneLine(value, 80)))
