import { registerEnumType } from 'type-graphql'
import type { GoldModel } from '../../models/types.js'
import { constantCase } from '../naming/names.js'
import { DecimalScalar } from '../scalars/decimal.js'
import { SafeIntScalar } from '../scalars/safe-int.js'
import { addField, type GeneratedClass, objectType } from './classes.js'

export interface ParityTypes {
  readonly modelName: object
  readonly parity: GeneratedClass
  readonly modelParity: GeneratedClass
  readonly keyDifferences: GeneratedClass
}

type Fields = Readonly<Record<string, readonly [type: () => object, description: string, nullable?: boolean | 'items']>>

function describedType(name: string, description: string, fields: Fields): GeneratedClass {
  const type = objectType(name, description)
  for (const [field, [of, text, nullable = false]] of Object.entries(fields))
    addField(type, field, of, { description: text, nullable })
  return type
}

/** The types of the field `parity`. */
export function parityTypes(models: readonly GoldModel[]): ParityTypes {
  const modelName = Object.fromEntries(models.map(({ name }) => [constantCase(name), name]))
  registerEnumType(modelName, { name: 'ModelName', description: 'A Gold model.' })
  const status = { BUILT: 'built', PASSED: 'passed', FAILED: 'failed' } as const
  registerEnumType(status, {
    name: 'BuildStatus',
    description: 'How far a build came: its tables are made, it passed its checks, or it failed one of severity error.',
  })
  const sum = describedType('MeasureSum', 'The exact sum of a measure over all rows of a model.', {
    measure: [() => String, 'Name of the measure.'],
    sum: [() => DecimalScalar, 'The sum; NULL where no row has a value.', true],
  })
  const figures = describedType('ModelFigures', 'What the rows of a model come to in one warehouse.', {
    warehouse: [() => String, 'Name of the warehouse.'],
    rows: [() => SafeIntScalar, 'Number of rows.'],
    sums: [() => [sum], 'Exact sums of the numeric measures.'],
    checksum: [
      () => String,
      'Sum over all rows of a hash of the canonical text of the row: one differing value changes it.',
    ],
    differs: [
      () => [String],
      'Figures that are not those of the first warehouse: `rows`, names of measures, `checksum`. Empty where all rows are the same.',
    ],
  })
  const modelParity = describedType(
    'ModelParity',
    'One model of a build, beside each other in all warehouses that hold the build.',
    {
      model: [() => modelName, 'The model.'],
      equal: [() => Boolean, 'True when all these warehouses have the same rows.'],
      figures: [() => [figures], 'What each warehouse has; the others are compared with the first.'],
    },
  )
  const holder = describedType('BuildHolder', 'A warehouse that holds a build.', {
    warehouse: [() => String, 'Name of the warehouse.'],
    status: [() => status, 'How far the build came there.'],
  })
  const parity = describedType('Parity', 'One build, model by model, in all warehouses that hold it.', {
    build: [() => String, 'The build.'],
    equal: [() => Boolean, 'True when every model has the same rows in all these warehouses.'],
    warehouses: [() => [holder], 'The warehouses that hold the build.'],
    models: [() => [modelParity], 'The models, in their own order.'],
  })
  return { modelName, parity, modelParity, keyDifferences: keyDifferences() }
}

function keyDifferences(): GeneratedClass {
  const value = describedType('KeyValue', 'The value of one column of a key.', {
    column: [() => String, 'Name of the column.'],
    value: [() => String, 'Its value as canonical text.', true],
  })
  const column = describedType('DifferingColumn', 'A column whose value is not the same in two warehouses.', {
    column: [() => String, 'Name of the column.'],
    values: [() => [String], 'Both values as canonical text, in the order of `warehouses`.', 'items'],
  })
  const key = describedType('DifferingKey', 'A key whose rows are not the same in two warehouses.', {
    key: [() => [value], 'The key.'],
    rows: [() => [SafeIntScalar], 'How many rows of the key each of the two has, in the order of `warehouses`.'],
    columns: [() => [column], 'The columns that differ, where each of the two has one row.'],
  })
  return describedType('KeyDifferences', 'The keys of a model that differ between two warehouses.', {
    warehouses: [() => [String], 'The two warehouses.'],
    keys: [() => [key], 'The keys, in an order of their hashes.'],
    more: [() => Boolean, 'True when more keys differ than these.'],
  })
}
