import type { Entity } from '../../models/types.js'
import { quoteText } from '../sources/sql-text.js'
import { CleanFiles } from './clean-files.js'
import { conformEntity } from './conform-entity.js'
import type {
  ConformedEntity,
  ConformProgress,
  ConformRequest,
  ConformResult,
  DatasetCounts,
  EntityRequest,
  LocalObject,
} from './contract.js'
import { Engine } from './engine.js'
import { loadRejects } from './quarantine.js'
import { type ReadObject, readObjects } from './read-objects.js'
import { Telling } from './telling.js'
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
  let reading: readonly Promise<ReadObject>[] = []
  try {
    const files = await CleanFiles.create(workDirectory)
    await loadObjects(engine, request.objects)
    const telling = new Telling(onProgress)
    reading = readObjects(request, engine.readers, files, telling)
    const all = Promise.all(reading).then((objects) => {
      files.closeRejects()
      telling.endsReading()
      return objects
    })
    // It is thrown where somebody waits for it.
    all.catch(() => undefined)
    const shop = workshop(request, engine, files, reading, all)
    const conformed = new Map<EntityRequest, ConformedEntity>()
    // One after another, while what the next ones need is still being read.
    for (const entityRequest of byLastObject(request)) {
      const entity = entities.find((candidate) => candidate.name === entityRequest.entity)
      if (!entity) throw new Error(`There is no entity ${entityRequest.entity}`)
      await shop.read([...entityRequest.objectKeys, ...entityRequest.lookupKeys])
      telling.types(entity.name)
      // Of a file that is wrong and an entity, the file is told of.
      conformed.set(
        entityRequest,
        await conformEntity(shop, entity, entityRequest).catch((error) => all.then(() => Promise.reject(error))),
      )
      telling.types(undefined)
    }
    const datasets = datasetCounts(await all)
    return { entities: request.entities.flatMap((each) => conformed.get(each) ?? []), datasets }
  } finally {
    await Promise.allSettled(reading)
    engine.close()
  }
}

function workshop(
  { mapping, workDirectory, objects }: ConformRequest,
  engine: Engine,
  files: CleanFiles,
  reading: readonly Promise<ReadObject>[],
  all: Promise<unknown>,
): Workshop {
  let rejects: Promise<void> | undefined
  return {
    ...{ mapping, engine, files, workDirectory },
    async read(keys) {
      const wanted = new Set(keys)
      const found = await Promise.all(reading.filter((_, index) => wanted.has(objects[index]?.key ?? '')))
      if (found.length < wanted.size) throw new Error('the request names objects that it does not bring along')
      return found
    },
    loadRejects() {
      rejects ??= all.then(() => loadRejects(engine, files))
      return rejects
    },
  }
}

/** Those first whose objects are read first. */
function byLastObject({ entities, objects }: ConformRequest): readonly EntityRequest[] {
  const place = new Map(objects.map(({ key }, index) => [key, index]))
  const last = ({ objectKeys, lookupKeys }: EntityRequest) =>
    [...objectKeys, ...lookupKeys].reduce((latest, key) => Math.max(latest, place.get(key) ?? 0), 0)
  return entities.toSorted((one, other) => last(one) - last(other))
}

async function loadObjects(engine: Engine, objects: readonly LocalObject[]): Promise<void> {
  await engine.run('CREATE TABLE conform.objects (_o INTEGER, key VARCHAR, run_id VARCHAR)')
  const values = objects.map(({ key, runId }, index) => `(${index + 1}, ${quoteText(key)}, ${quoteText(runId)})`)
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
