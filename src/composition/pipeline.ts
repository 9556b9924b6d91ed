import { join } from 'node:path'
import { entities } from '../../models/entities/index.js'
import { goldModels } from '../../models/gold/index.js'
import { type Durable, writeThrough } from '../../pipeline/durable.js'
import type { PipelineEnvironment } from '../../pipeline/run/run-pipeline.js'
import { loadMappings } from '../../pipeline/sources/load-mappings.js'
import type { RunRequest } from '../app.js'
import { requireOneCurrency } from '../config/currencies.js'
import { ConfigError } from '../config/errors.js'
import type { Installation } from './installation.js'

export interface PipelineOptions {
  readonly durable?: Durable
  readonly now?: () => Date
}

/** The pipeline of an installation, ready to run. */
export async function pipelineEnvironment(
  installation: Installation,
  request: Pick<RunRequest, 'mappings'>,
  { durable = writeThrough, now = () => new Date() }: PipelineOptions = {},
): Promise<PipelineEnvironment> {
  const { config } = installation
  const control = await installation.control()
  const [store] = await installation.stores()
  if (!store) throw new Error('A configuration has at least one store')
  const warehouses = [...(await installation.warehouses()).values()]
  const mappings = await loadMappings([...config.mappings, ...(request.mappings ?? [])])
  const configured = config.sources.map((source) => source.name)
  requireOneCurrency(mappings.filter((mapping) => configured.includes(mapping.name)))
  return {
    parts: {
      store,
      warehouses,
      entities,
      models: goldModels,
      batches: control.batches,
      builds: control.builds,
      workDirectory: join(config.home, 'work'),
      conformMemoryMb: config.pipeline.conformMemoryMb,
      retainBuilds: config.pipeline.retainBuilds,
      // The longest statement may still be reading a build when the next one is published.
      graceSeconds: Math.ceil(config.gateway.limits.statementTimeoutMs / 1000) + 10,
      durable,
    },
    database: control.database,
    lease: { url: control.url, seconds: config.pipeline.leaseSeconds },
    sourceOf: (name, dataDirectory) => {
      const source = config.sources.find((candidate) => candidate.name === name)
      const mapping = mappings.find((candidate) => candidate.name === name)
      if (!mapping) {
        throw new ConfigError(
          'SOURCE_UNKNOWN',
          `There is no mapping for the source "${name}". There are: ${mappings.map((m) => m.name).join(', ')}.`,
        )
      }
      const folder = dataDirectory ?? source?.data
      if (folder === undefined)
        throw new ConfigError(
          'SOURCE_UNKNOWN',
          `The source "${name}" is not in the profile, so --data must say where its files are.`,
        )
      return { mapping, dataDirectory: folder }
    },
    now,
  }
}
