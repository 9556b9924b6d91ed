import { previewSource } from '../../pipeline/conform/preview.js'
import { whyUnusable } from '../../pipeline/conform/rejections.js'
import { loadMapping, packagedMappings } from '../../pipeline/sources/load-mappings.js'
import type { SourceTestReport, SourceTestRequest } from '../app.js'
import type { Config } from '../config/config.js'
import { ConfigError } from '../config/errors.js'

/** Conforms a source's folder as it lies there. Needs no control database and no warehouse. */
export async function testSource(
  config: Config,
  request: SourceTestRequest,
  signal?: AbortSignal,
): Promise<SourceTestReport> {
  const started = performance.now()
  const { source: name, mappings = [] } = request
  const dataDirectory = request.dataDirectory ?? config.sources.find((source) => source.name === name)?.data
  const mapping = await loadMapping(name, [packagedMappings(), ...config.mappings, ...mappings])
  if (dataDirectory === undefined) {
    throw new ConfigError(
      'SOURCE_UNKNOWN',
      `The source "${name}" is not in the profile "${config.profile}": say with --data where its files are.`,
    )
  }
  const preview = await previewSource(mapping, dataDirectory, {
    memoryLimitMb: config.pipeline.conformMemoryMb,
    ...(signal && { signal }),
  })
  const unusable = whyUnusable(mapping, preview.entities)
  return {
    source: name,
    dataDirectory,
    datasets: preview.datasets.map(({ dataset, objects, records, rejected }) => ({
      dataset,
      files: objects,
      rows: records,
      rejected,
    })),
    entities: preview.entities.map(({ entity, counts, columns, rows }) => ({
      entity,
      from: mapping.entities.find((each) => each.entity === entity)?.from ?? '',
      ...counts,
      firstRows: rows.map((row) => Object.fromEntries(columns.map((column, i) => [column, row[i] ?? null]))),
    })),
    quarantine: preview.entities.flatMap(({ entity, quarantine }) =>
      quarantine.map(({ dataset, reason, column, rows, exampleObject, exampleRow, exampleText }) => ({
        ...{ source: name, entity, dataset, reason, rows },
        ...(column === undefined ? {} : { column }),
        example: { object: exampleObject, row: exampleRow, text: exampleText },
      })),
    ),
    ...(unusable === undefined ? {} : { unusable }),
    seconds: (performance.now() - started) / 1000,
  }
}
