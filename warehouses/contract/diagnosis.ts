/** What trying a warehouse or a database showed. */
export interface Diagnosis {
  /** What is there, in one line. */
  readonly found: string
  /** One sentence for each thing that would stop the pipeline, with what grants or repairs it. Empty: all is well. */
  readonly problems: readonly string[]
}
