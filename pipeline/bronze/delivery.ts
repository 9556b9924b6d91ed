/** One file of a source as it lies in Bronze. */
export interface BronzeObject {
  readonly dataset: string
  /** `bronze/{source}/{dataset}/dt=YYYY-MM-DD/run_id={run}/{file name}`; names the run that landed it. */
  readonly key: string
  /** Name of the file as the source delivered it, relative to the source's folder. */
  readonly file: string
  /** Of the whole object, as delivered, lower-case hex. */
  readonly sha256: string
  readonly bytes: number
  /** Raw records, header not counted, unreadable ones included. */
  readonly rows: number
  /** The run that landed it: an unchanged file is not landed again, its object is named again. */
  readonly runId: string
}

/**
 * What a source consists of as one run found it: `manifests/bronze/dt=…/run_id=…/{source}.json`, written after all its objects.
 * `objects` names every file of every dataset then present, whichever run landed it.
 */
export interface Delivery {
  readonly version: 1
  readonly source: string
  readonly runId: string
  /** "YYYY-MM-DD", UTC, of the run's start. */
  readonly dt: string
  /** Grows with every run of the installation: deliveries of a source are read in this order. Manifests of version 0.1 may lack it. */
  readonly sequence?: number
  readonly objects: readonly BronzeObject[]
}
