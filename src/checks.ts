/** Something that an installation connects to, or the files of its stored operations. */
export interface PartName {
  readonly part: 'control' | 'store' | 'warehouse' | 'operations'
  readonly name: string
  readonly kind: string
}

export interface CheckReport {
  readonly profile: string
  readonly file: string
  readonly home: string
  readonly ok: boolean
  readonly parts: readonly PartCheck[]
}

export interface PartCheck extends PartName {
  /** What is there, in one line. */
  readonly found: string
  /** What would stop the pipeline, each with what repairs or grants it. */
  readonly problems: readonly string[]
}

export interface SetupReport {
  readonly profile: string
  readonly file: string
  readonly home: string
  readonly ok: boolean
  readonly parts: readonly PartSetup[]
}

export interface PartSetup extends PartName {
  /** One sentence for each thing that was made. */
  readonly made: readonly string[]
  /** Why it could not be done. */
  readonly problem?: string
}
