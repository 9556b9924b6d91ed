import { expect, it } from 'vitest'
import { dimension, sourceDimension, text } from '../../models/columns.js'
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
  columns: [sourceDimension, dimension('name', text, '')],
  rowChecks: [],
  defaultOrder: [],
}

it('the models and checks of the package compile for every dialect', () => {
  expect(() => compileFirst({ warehouses, entities, models: goldModels })).not.toThrow()
})

it('a model whose SQL is wrong stops a run before it asks for anything: here there is no control database', async () => {
  const environment = {
    parts: { warehouses, entities, models: [...goldModels, unwritten] } as unknown as PipelineParts,
    lease: { url: 'postgresql://goldgate@127.0.0.1:1/goldgate', seconds: 1 },
  } as PipelineEnvironment
  const request = { sources: [], dataDirectory: null, givenAsOf: null }
  const running = runPipeline(environment, request, () => {}, new AbortController().signal)
  await expect(running).rejects.toThrow('There is no file sql/gold/unwritten.sql')
})
