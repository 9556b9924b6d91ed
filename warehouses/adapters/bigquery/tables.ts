import { z } from 'zod'
import { failureOf } from './errors.js'
import type { Jobs } from './jobs.js'
import type { TableShape } from './schema.js'

export interface TableFacts {
  readonly rows: bigint
  readonly labels: Readonly<Record<string, string>>
}

const facts = z.object({ numRows: z.string().default('0'), labels: z.record(z.string(), z.string()).default({}) })

/** Tables of the dataset, through requests that are no jobs: they are quick and cost nothing. */
export class Tables {
  constructor(
    private readonly jobs: Jobs,
    private readonly dataset: string,
  ) {}

  list(): Promise<string[]> {
    return this.jobs.request(async (client) => {
      const [tables] = await client.dataset(this.dataset).getTables()
      return tables.flatMap(({ id }) => (id === undefined ? [] : [id]))
    })
  }

  /** Undefined where there is no such table. */
  find(name: string): Promise<TableFacts | undefined> {
    return this.jobs.request(async (client) => {
      try {
        const [metadata] = await client.dataset(this.dataset).table(name).getMetadata()
        const { numRows, labels } = facts.parse(metadata)
        return { rows: BigInt(numRows), labels }
      } catch (error) {
        if (failureOf(error).status === 404) return undefined
        throw error
      }
    })
  }

  async rows(name: string): Promise<bigint | undefined> {
    return (await this.find(name))?.rows
  }

  /** Leaves a table that is there as it is. `layer` is its label `goldgate`. */
  create(name: string, shape: TableShape, layer: string, expires?: Date): Promise<void> {
    return this.jobs.request(async (client) => {
      const { schema, clustering, ...rest } = shape
      try {
        await client.dataset(this.dataset).createTable(name, {
          ...rest,
          schema: { fields: [...schema.fields] },
          ...(clustering === undefined ? {} : { clustering: { fields: [...clustering.fields] } }),
          labels: this.jobs.labels(layer),
          ...(expires === undefined ? {} : { expirationTime: String(expires.getTime()) }),
        })
      } catch (error) {
        if (failureOf(error).status !== 409) throw error
      }
    })
  }

  label(name: string, labels: Readonly<Record<string, string>>): Promise<void> {
    return this.jobs.request(async (client) => {
      await client.dataset(this.dataset).table(name).setMetadata({ labels })
    })
  }

  /** False where there was none. */
  drop(name: string): Promise<boolean> {
    return this.jobs.request(async (client) => {
      try {
        await client.dataset(this.dataset).table(name).delete()
        return true
      } catch (error) {
        if (failureOf(error).status === 404) return false
        throw error
      }
    })
  }
}
