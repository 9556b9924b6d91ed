import { copyFile, rename, rm, stat, symlink } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { textLiteral } from '../../dialect/standard.js'
import { duckdbDialect } from './dialect.js'
import { sync, type WarehouseFolder } from './folder.js'

/** The build files that a writer has open: one being made, or finished ones that checks read. */
export class BuildFiles {
  readonly #attached = new Map<string, 'writing' | 'reading'>()

  constructor(
    private readonly folder: WarehouseFolder,
    private readonly connection: DuckDBConnection,
  ) {}

  /** Attaches the build for writing. A finished one is copied first: the file that readers may have open never changes. */
  async write(tag: string): Promise<void> {
    if (this.#attached.get(tag) === 'writing') return
    await this.detach(tag)
    const unfinished = this.folder.unfinishedFile(tag)
    if (!(await exists(unfinished)) && (await exists(this.folder.buildFile(tag)))) {
      await copyFile(this.folder.buildFile(tag), `${unfinished}.copy`)
      await rename(`${unfinished}.copy`, unfinished)
    }
    await this.#attach(tag, unfinished, 'writing')
    await this.connection.run(`CREATE SCHEMA IF NOT EXISTS ${duckdbDialect.quote(tag)}."gold"`)
  }

  /** Attaches what there is of the build: the file being made, else the finished one. */
  async read(tag: string): Promise<void> {
    if (this.#attached.has(tag)) return
    if (await exists(this.folder.unfinishedFile(tag))) await this.write(tag)
    else await this.#attach(tag, this.folder.buildFile(tag), 'reading')
  }

  /** Gives a build its final name, with everything on disk. Does nothing when that was done. `allowed` is asked right before. */
  async finish(tag: string, allowed: () => Promise<void>): Promise<void> {
    const unfinished = this.folder.unfinishedFile(tag)
    if (!(await exists(unfinished))) {
      if (await exists(this.folder.buildFile(tag))) return
      throw new Error(`the build ${tag} has no tables`)
    }
    await this.write(tag)
    await this.connection.run(`CHECKPOINT ${duckdbDialect.quote(tag)}`)
    await this.detach(tag)
    await sync(unfinished)
    await allowed()
    await rename(unfinished, this.folder.buildFile(tag))
    await sync(this.folder.builds())
  }

  /** Whether the finished file of the build is there and has these tables. */
  async holds(tag: string, models: readonly string[]): Promise<boolean> {
    if (!(await exists(this.folder.buildFile(tag)))) return false
    await this.read(tag)
    const found = await this.connection.runAndReadAll(
      `SELECT table_name FROM duckdb_tables() WHERE database_name = $1 AND schema_name = 'gold'`,
      [tag],
    )
    const tables = new Set(found.getRows().map(([name]) => String(name)))
    return models.every((name) => tables.has(name))
  }

  /** Removes the files of every other build; returns the names of finished ones and of leftovers alike. */
  async keepOnly(tags: ReadonlySet<string>, allowed: () => Promise<void>): Promise<string[]> {
    // Listed before the fence is looked at: a runner that wakes up in between removes nothing that came after it.
    const unwanted = (await this.folder.buildFiles()).filter(({ tag }) => !tags.has(tag))
    await allowed()
    for (const { name, tag } of unwanted) {
      await this.detach(tag)
      await rm(join(this.folder.builds(), name), { force: true })
    }
    return unwanted.map(({ name }) => `builds/${name}`)
  }

  /**
   * Removes what this writer began and did not finish, once its connection is closed: a tag belongs to one attempt of one runner, so nobody
   * goes on with it. One that is killed leaves it to the next `keepOnly`.
   */
  async removeUnfinished(): Promise<void> {
    for (const [tag, how] of this.#attached) {
      if (how !== 'writing') continue
      const unfinished = this.folder.unfinishedFile(tag)
      for (const file of [unfinished, `${unfinished}.wal`]) await rm(file, { force: true })
    }
  }

  /** Points `current.duckdb` at the build, where the system lets this user make links (Windows does not). */
  async link(tag: string): Promise<void> {
    const target = relative(this.folder.path, this.folder.buildFile(tag))
    const fresh = `${this.folder.currentLink()}.new`
    await rm(fresh, { force: true })
    try {
      await symlink(target, fresh)
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EPERM') return
      throw error
    }
    await rename(fresh, this.folder.currentLink())
  }

  async detach(tag: string): Promise<void> {
    if (this.#attached.delete(tag)) await this.connection.run(`DETACH ${duckdbDialect.quote(tag)}`)
  }

  async #attach(tag: string, file: string, how: 'writing' | 'reading'): Promise<void> {
    const mode = how === 'reading' ? ' (READ_ONLY)' : ''
    await this.connection.run(`ATTACH ${textLiteral(file)} AS ${duckdbDialect.quote(tag)}${mode}`)
    this.#attached.set(tag, how)
  }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )
