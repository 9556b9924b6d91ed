import { expect, it } from 'vitest'
import { dimension, integer, measure, ratio, sourceDimension, sum, text } from '../../models/columns.js'
import { entities } from '../../models/entities/index.js'
import { goldModels } from '../../models/gold/index.js'
import type { GoldModel } from '../../models/types.js'
import { duckdbDialect } from '../../warehouses/adapters/duckdb/dialect.js'
import { postgresDialect } from '../../warehouses/adapters/postgres/dialect.js'
import type { Warehouse } from '../../warehouses/contract/warehouse.js'
import type { PipelineParts } from '../steps/context.js'
import { compileFirst } from './compile-first.js'
import { type PipelineEnvironment, runPipeline } from './run-pipeline.js'

const warehouses = [duckdbDialect, postgresDialect].map((dialect) => ({ dialect }) as Warehouse)
const unwritten: GoldModel = {
  name: 'unwritten',
  description: '',
  grain: ['source', 'name'],
  columns: [sourceDimension, dimension('name', text, ''), measure('rows', integer, sum, '')],
  rowChecks: [],
  defaultOrder: [],
}

it('the models and checks of the package compile for every dialect', () => {
  expect(() => compileFirst({ warehouses, entities, models: goldModels })).not.toThrow()
})

const misspelt: GoldModel = {
  ...unwritten,
  columns: [...unwritten.columns, measure('per_row', integer, ratio(['row'], 'rows', 0), '')],
}

it.each([
  ['whose SQL is wrong', unwritten, 'There is no file sql/gold/unwritten.sql'],
  ['that does not fit together', misspelt, 'model unwritten, column per_row: its ratio is made of "row"'],
])('a model %s stops a run before it asks for anything: here there is no control database', async (_, model, said) => {
  const environment = {
    parts: { warehouses, entities, models: [...goldModels, model] } as unknown as PipelineParts,
    lease: { url: 'postgresql://goldgate@127.0.0.1:1/goldgate', seconds: 1 },
  } as PipelineEnvironment
  const request = { sources: [], dataDirectory: null, givenAsOf: null }
  const running = runPipeline(environment, request, () => {}, new AbortController().signal)
  await expect(running).rejects.toThrow(said)
})
