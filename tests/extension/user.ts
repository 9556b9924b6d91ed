import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTestDatabase, type TestDatabase } from '../setup/database.js'
import { templates } from './extensions.js'
import { cleanEnvironment, type Ended, run, serving } from './processes.js'

/** Somebody who works in a folder of his own with an extended checkout: all new kinds in his configuration, a mapping of his own. */
export class User {
  private constructor(
    readonly folder: string,
    readonly control: TestDatabase,
    private readonly warehouse: TestDatabase,
    private readonly program: string,
  ) {}

  static async create(checkout: string): Promise<User> {
    const folder = await mkdtemp(join(tmpdir(), 'goldgate user '))
    const program = join(checkout, 'bin', 'goldgate.js')
    const user = new User(folder, await createTestDatabase(), await createTestDatabase(), program)
    await cp(join(templates, 'source-data'), join(folder, 'files'), { recursive: true })
    const mapping = join(folder, 'mappings', 'acme-north')
    await mkdir(mapping, { recursive: true })
    await cp(join(templates, 'source', 'sql', 'sources', 'acme'), mapping, { recursive: true })
    const yaml = await readFile(join(mapping, 'source.yaml'), 'utf8')
    await writeFile(join(mapping, 'source.yaml'), yaml.replace('name: acme', 'name: acme-north'))
    await writeFile(join(folder, 'goldgate.yaml'), JSON.stringify(configuration))
    return user
  }

  /** `goldgate …` to its end. */
  goldgate(...args: readonly string[]): Promise<Ended> {
    return run(process.execPath, [this.program, ...args], this.folder, this.#environment())
  }

  /** `goldgate serve` for as long as the work takes. */
  serving<T>(work: (ask: Ask) => Promise<T>): Promise<T> {
    return serving([this.program, 'serve'], this.folder, this.#environment(), (url) =>
      work(async (query) => {
        const headers = { 'content-type': 'application/json' }
        const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query }) })
        return (await response.json()) as Answer
      }),
    )
  }

  async remove(): Promise<void> {
    await this.control.drop()
    await this.warehouse.drop()
    await rm(this.folder, { recursive: true, force: true })
  }

  #environment(): NodeJS.ProcessEnv {
    return cleanEnvironment({ TEST_CONTROL_URL: this.control.url, TEST_WAREHOUSE_URL: this.warehouse.url })
  }
}

interface Answer {
  readonly data?: Readonly<Record<string, { readonly nodes: readonly unknown[] }>>
  readonly errors?: readonly unknown[]
}
type Ask = (query: string) => Promise<Answer>

const configuration = {
  version: 1,
  profile: 'own',
  mappings: ['mappings'],
  profiles: {
    own: {
      control: { url: '${TEST_CONTROL_URL}' },
      stores: [{ name: 'small', kind: 'gzip', path: '${GOLDGATE_HOME}/objects', level: 9 }],
      warehouses: { schemas: { kind: 'postgres-schemas', url: '${TEST_WAREHOUSE_URL}' }, duckdb: { kind: 'duckdb' } },
      defaultWarehouse: 'schemas',
      sources: { acme: { data: 'files' }, 'acme-north': { data: 'files' } },
      gateway: { port: 0 },
    },
  },
}
