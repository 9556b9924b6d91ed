import { join } from 'node:path'
import { entities } from '../../models/entities/index.js'
import { goldModels } from '../../models/gold/index.js'
import { type Durable, writeThrough } from '../../pipeline/durable.js'
import type { PipelineEnvironment } from '../../pipeline/run/run-pipeline.js'
import { loadMapping, packagedMappings } from '../../pipeline/sources/load-mappings.js'
import type { RunRequest } from '../app.js'
import type { Config } from '../config/config.js'
import { requireOneCurrency } from '../config/currencies.js'
import { ConfigError } from '../config/errors.js'
import type { Installation } from './installation.js'
import { pipelineStores } from './pipeline-stores.js'

export interface PipelineOptions {
  readonly durable?: Durable
  readonly now?: () => Date
}

/** Where mappings are looked for. */
export function mappingFolders(config: Pick<Config, 'mappings'>, more: readonly string[] = []): readonly string[] {
  return [packagedMappings(), ...config.mappings, ...more]
}

/** The pipeline of an installation, ready to run. */
export async function pipelineEnvironment(
  installation: Installation,
  request: Pick<RunRequest, 'mappings' | 'sources' | 'from'>,
  { durable = writeThrough, now = () => new Date() }: PipelineOptions = {},
): Promise<PipelineEnvironment> {
  const { config } = installation
  const folders = mappingFolders(config, request.mappings)
  const configured = config.sources.map((source) => source.name)
  const names = new Set([...configured, ...(request.sources ?? [])])
  // While the control database starts; what is wrong with it is said first.
  const loading = Promise.all([...names].map((name) => loadMapping(name, folders)))
  loading.catch(() => undefined)
  const control = await installation.control()
  const stores = await pipelineStores(installation, request.from)
  const [first] = stores
  if (!first) throw new Error('A configuration has at least one store')
  const warehouses = [...(await installation.warehouses()).values()]
  const mappings = await loading
  // What an installation holds already counts too, configured or not: it is in every build.
  const held = (await control.batches.states()).filter(({ source }) => !names.has(source))
  requireOneCurrency([...mappings, ...held.map(({ source, currency }) => ({ name: source, currency }))])
  return {
    parts: {
      stores,
      store: first.store,
      warehouses,
      entities,
      models: goldModels,
      mappingOf: async (name) => mappings.find((each) => each.name === name) ?? loadMapping(name, folders),
      batches: control.batches,
      builds: control.builds,
      parity: control.parity,
      paritySeverity: config.parity.severity,
      replicas: control.replicas,
      workDirectory: join(config.home, 'work'),
      conformMemoryMb: config.pipeline.conformMemoryMb,
      retainBuilds: config.pipeline.retainBuilds,
      // The longest statement may still be reading a build when the next one is published.
      graceSeconds: Math.ceil(config.gateway.limits.statementTimeoutMs / 1000) + 10,
      durable,
    },
    database: control.database,
    lease: { ...control.connection, seconds: config.pipeline.leaseSeconds },
    sourceOf: (name, dataDirectory) => {
      const mapping = mappings.find((candidate) => candidate.name === name)
      const folder = dataDirectory ?? config.sources.find((candidate) => candidate.name === name)?.data
      if (mapping && folder !== undefined) return { mapping, dataDirectory: folder }
      throw new ConfigError(
        'SOURCE_UNKNOWN',
        `The source "${name}" is not in the profile "${config.profile}". Add it under "sources", or say with --data where its files are.`,
      )
    },
    now,
  }
}
