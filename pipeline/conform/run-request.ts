import type { Entity } from '../../models/types.js'
import { quoteText } from '../sources/sql-text.js'
import { CleanFiles } from './clean-files.js'
import { conformEntity } from './conform-entity.js'
import type { ConformedEntity, ConformProgress, ConformRequest, ConformResult, DatasetCounts } from './contract.js'
import { Engine } from './engine.js'
import { loadRejects } from './quarantine.js'
import { type ReadObject, readObjects } from './read-objects.js'
import type { Workshop } from './workshop.js'

/** Conforms one request in this process. A file that brings DuckDB down brings this process down: `conform` runs it in a child. */
export async function runRequest(
  request: ConformRequest,
  entities: readonly Entity[],
  onProgress: (progress: ConformProgress) => void,
): Promise<ConformResult> {
  const { mapping, workDirectory, memoryLimitMb } = request
  const parquet = new Set(
    mapping.datasets.filter((dataset) => dataset.format.kind === 'parquet').map(({ name }) => name),
  )
  const readablePaths = request.objects.filter((object) => parquet.has(object.dataset)).map(({ path }) => path)
  const engine = await Engine.open({ mapping, workDirectory, memoryLimitMb, readablePaths })
  try {
    const files = await CleanFiles.create(workDirectory)
    const objects = await readObjects(request, engine, files, onProgress)
    const shop: Workshop = { mapping, engine, files, objects, workDirectory }
    await loadObjects(engine, objects)
    await loadRejects(shop)
    const rows = objects.reduce((sum, object) => sum + object.records, 0)
    const bytes = objects.reduce((sum, object) => sum + object.bytes, 0)
    const conformed: ConformedEntity[] = []
    for (const entityRequest of request.entities) {
      const entity = entities.find((candidate) => candidate.name === entityRequest.entity)
      if (!entity) throw new Error(`There is no entity ${entityRequest.entity}`)
      onProgress({ phase: 'type', subject: entity.name, rows, bytes })
      conformed.push(await conformEntity(shop, entity, entityRequest))
    }
    return { entities: conformed, datasets: datasetCounts(objects) }
  } finally {
    engine.close()
  }
}

async function loadObjects(engine: Engine, objects: readonly ReadObject[]): Promise<void> {
  await engine.run('CREATE TABLE conform.objects (_o INTEGER, key VARCHAR, run_id VARCHAR)')
  const values = objects.map(({ ordinal, key, runId }) => `(${ordinal}, ${quoteText(key)}, ${quoteText(runId)})`)
  if (values.length > 0) await engine.run(`INSERT INTO conform.objects VALUES ${values.join(', ')}`)
}

function datasetCounts(objects: readonly ReadObject[]): DatasetCounts[] {
  const names = [...new Set(objects.map((object) => object.dataset))].sort()
  return names.map((dataset) => {
    const own = objects.filter((object) => object.dataset === dataset)
    const records = own.reduce((sum, object) => sum + object.records, 0)
    return {
      dataset,
      objects: own.length,
      records,
      rejected: records - own.reduce((sum, object) => sum + object.readable, 0),
    }
  })
}
