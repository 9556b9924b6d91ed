/**
 * Where things lie in an object store. Keys stand in manifests and in the control database, so that another layout would be another store:
 *
 *     bronze/{source}/{dataset}/dt=YYYY-MM-DD/run_id={run}/{file name}   raw, as it was delivered
 *     silver/{source}/{entity}/{hash}.parquet                            batches
 *     quarantine/{source}/{entity}/{hash}.ndjson                         the rows that these are missing
 *     manifests/{bronze|silver}/dt=YYYY-MM-DD/run_id={run}/{source}.json
 */
export const folders = {
  bronze: 'bronze/',
  manifests: 'manifests/',
  quarantine: 'quarantine/',
  silver: 'silver/',
} as const

/** What a manifest names: raw files or batches. */
export type ManifestKind = 'bronze' | 'silver'

export const manifestsOf = (kind: ManifestKind): string => `${folders.manifests}${kind}/`

interface OfRun {
  readonly source: string
  readonly runId: string
  /** "YYYY-MM-DD" */
  readonly dt: string
}

export function manifestKey({ source, runId, dt }: OfRun): string {
  return `${manifestsOf('bronze')}dt=${dt}/run_id=${runId}/${source}.json`
}

export function batchManifestKey({ source, runId, dt }: OfRun): string {
  return `${manifestsOf('silver')}dt=${dt}/run_id=${runId}/${source}.json`
}

/** Undefined for a key that is no manifest's. */
export function manifestKindOf(key: string): ManifestKind | undefined {
  if (!key.endsWith('.json')) return undefined
  if (key.startsWith(manifestsOf('bronze'))) return 'bronze'
  return key.startsWith(manifestsOf('silver')) ? 'silver' : undefined
}

/** Undefined for a key that is no manifest's. */
export const sourceOfManifest = (key: string): string | undefined => /([^/]+)\.json$/.exec(key)?.[1]

/** The raw files of a source. */
export const rawFolder = (source: string): string => `${folders.bronze}${source}/`

/** Those of one dataset that a run landed. */
export function rawFolderOfRun({ source, dataset, dt, runId }: OfRun & { readonly dataset: string }): string {
  return `${rawFolder(source)}${dataset}/dt=${dt}/run_id=${runId}/`
}

/** The run that landed a raw file; undefined for a key that no run made. */
export function runOfRaw(key: string): { readonly dt: string; readonly runId: string } | undefined {
  const [, , , dt, runId] = key.split('/')
  if (!dt?.startsWith('dt=') || !runId?.startsWith('run_id=')) return undefined
  return { dt: dt.slice('dt='.length), runId: runId.slice('run_id='.length) }
}

/** The run in the key of a raw file or a manifest. */
export const runIdIn = (key: string): string | undefined => /\/run_id=([^/]+)\//.exec(key)?.[1]

interface OfBatch {
  readonly source: string
  readonly entity: string
  /** Of everything that the batch was conformed from. */
  readonly hash: string
}

export const batchKey = ({ source, entity, hash }: OfBatch): string =>
  `${folders.silver}${source}/${entity}/${hash}.parquet`

export const quarantineKey = ({ source, entity, hash }: OfBatch): string =>
  `${folders.quarantine}${source}/${entity}/${hash}.ndjson`

export const isBatch = (key: string): boolean => key.startsWith(folders.silver)

/** Of a batch or its quarantine. */
export const sourceOfBatch = (key: string): string => key.split('/')[1] ?? ''
