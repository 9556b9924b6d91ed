import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { z } from 'zod'

export interface DeclaredColumn {
  readonly name: string
  readonly type: string
  readonly mode?: string
  readonly fields?: readonly DeclaredColumn[]
}

export interface DeclaredTable {
  readonly name: string
  readonly columns: readonly DeclaredColumn[]
}

/** A statement or script with what it may name. */
export interface AnalyzerRequest {
  readonly sql: string
  readonly tables: readonly DeclaredTable[]
  readonly parameters: readonly { readonly name: string; readonly type: string }[]
  /** Defaults of names that are written without them. */
  readonly project?: string
  readonly dataset?: string
}

const columns = z.array(z.object({ name: z.string(), type: z.string() }))

const verdict = z.object({
  ok: z.boolean(),
  columns: columns.default([]),
  /** Of a script, one for each of its statements. */
  statements: z.array(z.object({ statement: z.string(), columns: columns.default([]) })).default([]),
  /** Valid GoogleSQL that BigQuery may refuse or change. */
  warnings: z.array(z.unknown()).default([]),
  error: z.string().optional(),
  phase: z.string().optional(),
  statementIndex: z.number().optional(),
})

export type Verdict = z.infer<typeof verdict>

/** Path of googlesql-check, Google's own analyzer; undefined where it could not be built. */
export const analyzerPath: string | undefined = process.env.GOLDGATE_TEST_GOOGLESQL_CHECK

/** One running analyzer, which answers in the order in which it was asked. */
export class Analyzer {
  readonly #child
  readonly #waiting: { resolve(line: Verdict): void; reject(error: Error): void }[] = []
  #complaint = ''

  constructor(path = analyzerPath) {
    if (path === undefined)
      throw new Error('GOLDGATE_TEST_GOOGLESQL_CHECK is unset: run the tests by `npm run test:servers`.')
    this.#child = spawn(path, [], { stdio: 'pipe' })
    createInterface({ input: this.#child.stdout }).on('line', (line) =>
      this.#waiting.shift()?.resolve(verdict.parse(JSON.parse(line))),
    )
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#complaint += text
    })
    // Where it ends early its standard error says why; a broken pipe says nothing.
    this.#child.stdin.on('error', () => undefined)
    const fail = (reason: string) => {
      for (const { reject } of this.#waiting.splice(0)) reject(new Error(`googlesql-check ${reason}`))
    }
    this.#child.once('error', (error) => fail(`cannot be run: ${error.message}`))
    this.#child.once('close', (status) => fail(`ended with ${status}: ${this.#complaint}`))
  }

  ask(request: AnalyzerRequest): Promise<Verdict> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
      const { sql, tables, parameters, project, dataset } = request
      this.#child.stdin.write(`${JSON.stringify({ sql, tables, parameters, project, dataset })}\n`)
    })
  }

  /** Once everything asked has been answered. */
  close(): void {
    this.#child.stdin.end()
  }
}
