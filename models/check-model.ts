import type { GoldColumn, GoldModel, LogicalType, Measure, Reference, Total } from './types.js'

/** A declaration that does not fit together: its model and column, and what to do. */
class ModelError extends Error {
  readonly code = 'MODEL_INVALID'

  constructor({ name }: GoldModel, at: string, reason: string) {
    super(`model ${name}${at && `, ${at}`}: ${reason}`)
    this.name = 'ModelError'
  }
}

const identifier = /^[a-z][a-z0-9_]*$/

/** Throws MODEL_INVALID for the first mistake in models that stand together: no warehouse and no schema would find it before a client does. */
export function checkModels(models: readonly GoldModel[]): void {
  for (const model of models) {
    checkNames(model)
    checkGrain(model)
    for (const column of model.columns) if (column.role === 'measure') checkMeasure(model, column)
    for (const { column } of model.defaultOrder)
      if (!columnOf(model, column))
        throw new ModelError(model, `column ${column}`, 'it is in defaultOrder and not in columns. Order by a column.')
    for (const reference of model.references ?? []) checkReference(model, reference, models)
    for (const total of model.totals ?? []) checkLink(model, total, 'total')
  }
  for (const model of models) checkFields(model, models)
  checkTypes(models)
}

const columnOf = ({ columns }: GoldModel, name: string): GoldColumn | undefined =>
  columns.find((each) => each.name === name)

const sameType = (a: LogicalType, b: LogicalType): boolean => JSON.stringify(a) === JSON.stringify(b)

/** Whatever their order. */
const sameNames = (a: readonly string[], b: readonly string[]): boolean => a.toSorted().join() === b.toSorted().join()

function checkNames(model: GoldModel): void {
  const links = [...(model.references ?? []).flatMap(({ field, back }) => [field, back?.field ?? field])]
  const totals = (model.totals ?? []).map(({ field }) => field)
  for (const name of [model.name, ...model.columns.map((each) => each.name), ...links, ...totals])
    if (!identifier.test(name))
      throw new ModelError(
        model,
        '',
        `${JSON.stringify(name)} is no name. Take lower-case letters, digits and _, a letter first.`,
      )
}

function checkGrain(model: GoldModel): void {
  const { grain, columns } = model
  if (grain[0] !== 'source')
    throw new ModelError(model, 'grain', 'it does not begin with source. Put "source" in front.')
  for (const [index, name] of grain.entries()) {
    const column = columns[index]
    const at = `column ${name}`
    if (column?.name !== name)
      throw new ModelError(model, at, `it is number ${index + 1} of the grain. Make it number ${index + 1} of columns.`)
    if (column.role !== 'dimension' || column.nullable)
      throw new ModelError(model, at, 'it is in the grain. Declare it as a dimension that is not nullable.')
  }
  const first = columns.findIndex(({ role }) => role === 'measure')
  if (first === -1) throw new ModelError(model, 'columns', 'none of them is a measure. Declare one.')
  const late = columns.slice(first).find(({ role }) => role === 'dimension')
  if (late) throw new ModelError(model, `column ${late.name}`, 'it is a dimension behind a measure. Put it in front.')
}

function checkMeasure(model: GoldModel, column: Measure): void {
  const { name, type, nullable, adds } = column
  const at = `column ${name}`
  if (adds.how === 'last' && !model.grain.some((each) => columnOf(model, each)?.type.kind === 'date'))
    throw new ModelError(
      model,
      at,
      'it adds up as last, and the grain has no date. Add one, or let it add up otherwise.',
    )
  if (adds.how !== 'ratio') return
  const { plus, minus, denominator, scale } = adds
  if (plus.length === 0) throw new ModelError(model, at, 'its ratio has nothing to divide. Name one measure or more.')
  for (const part of [...plus, ...minus, denominator]) {
    const found = columnOf(model, part)
    const what = found ? 'which is no measure that adds up as sum or last' : 'which is not there'
    if (found?.role !== 'measure' || !['sum', 'last'].includes(found.adds.how))
      throw new ModelError(
        model,
        at,
        `its ratio is made of ${JSON.stringify(part)}, ${what}. Name measures of this model that add up as sum or last.`,
      )
  }
  if (type.kind !== 'decimal' || type.scale !== scale)
    throw new ModelError(
      model,
      at,
      `its ratio has the scale ${scale}, and its type ${type.kind === 'decimal' ? `the scale ${type.scale}` : `is ${type.kind}`}. Give it a decimal type of the scale of the ratio.`,
    )
  if (!nullable)
    throw new ModelError(model, at, 'it is a ratio, whose denominator may be 0. Declare it with nullable: true.')
}

/** What references and totals have in common. */
function checkLink(model: GoldModel, { field, columns }: Reference | Total, kind: 'reference' | 'total'): void {
  const at = `${kind} ${field}`
  if (columns[0] !== 'source')
    throw new ModelError(model, at, 'its columns do not begin with source. Put "source" in front.')
  for (const name of columns)
    if (columnOf(model, name)?.role !== 'dimension')
      throw new ModelError(model, at, `${JSON.stringify(name)} is no dimension of this model. Name dimensions only.`)
  if (sameNames(columns, model.grain))
    throw new ModelError(model, at, 'its columns are the grain, which one row has alone. Take it out, or name fewer.')
}

function checkReference(model: GoldModel, reference: Reference, models: readonly GoldModel[]): void {
  checkLink(model, reference, 'reference')
  const at = `reference ${reference.field}`
  const to = models.find(({ name }) => name === reference.model)
  if (!to)
    throw new ModelError(model, at, `there is no model ${JSON.stringify(reference.model)}. Name one that is there.`)
  const types = (from: GoldModel, names: readonly string[]) => names.map((name) => columnOf(from, name)?.type)
  if (JSON.stringify(types(model, reference.columns)) !== JSON.stringify(types(to, to.grain)))
    throw new ModelError(
      model,
      at,
      `its columns are not of the types of the grain of ${to.name}. Name one column for each of ${to.grain.join(', ')}.`,
    )
}

/** Columns and both ends of references become fields of one type. */
function checkFields(model: GoldModel, models: readonly GoldModel[]): void {
  const back = models.flatMap(({ references = [] }) =>
    references.flatMap((each) => (each.model === model.name && each.back ? [each.back.field] : [])),
  )
  const here = [...(model.references ?? []), ...(model.totals ?? [])].map(({ field }) => field)
  const names = [...model.columns.map(({ name }) => name), ...here, ...back]
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  if (twice !== undefined)
    throw new ModelError(model, `column ${twice}`, 'two fields have this name. Call one of them otherwise.')
}

/** A closed list has one meaning, and a measure of one name one type, in all models. */
function checkTypes(models: readonly GoldModel[]): void {
  const known = new Map<string, { readonly type: LogicalType; readonly model: string }>()
  for (const model of models)
    for (const { name, type, role } of model.columns) {
      const keys = [
        ...(type.kind === 'enum' ? [`the closed list ${type.name}`] : []),
        ...(role === 'measure' ? [`the measure ${name}`] : []),
      ]
      for (const key of keys) {
        const other = known.get(key) ?? { type, model: model.name }
        if (!sameType(other.type, type))
          throw new ModelError(
            model,
            `column ${name}`,
            `${key} is another one in ${other.model}. Declare both alike, or name one otherwise.`,
          )
        known.set(key, other)
      }
    }
}
