import { copyFile, mkdir, open, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface SilverFileName {
  /** Of the runner that began the file; later ones go on with it. */
  readonly token: bigint
  readonly path: string
}

/**
 * The files of a DuckDB warehouse:
 * `silver-<token>.duckdb` Silver, the newest counts · `builds/<tag>.duckdb` a build, never changed · `builds/<tag>.duckdb.tmp` one being made ·
 * `landing/<name>.parquet` a batch that is loaded and not merged yet ·
 * `fence-<token>` the highest token that ever opened a writer · `current.duckdb` a link to the build published last · `tmp/` what does not fit in memory.
 */
export class WarehouseFolder {
  constructor(readonly path: string) {}

  readonly builds = (): string => join(this.path, 'builds')
  readonly buildFile = (tag: string): string => join(this.builds(), `${tag}.duckdb`)
  readonly unfinishedFile = (tag: string): string => `${this.buildFile(tag)}.tmp`
  readonly currentLink = (): string => join(this.path, 'current.duckdb')
  readonly silverFile = (token: bigint): string => join(this.path, `silver-${token}.duckdb`)
  readonly landingFile = (name: string): string => join(this.path, 'landing', `${name}.parquet`)
  readonly spill = (name: string): string => join(this.path, 'tmp', name)

  async prepare(): Promise<void> {
    await mkdir(this.builds(), { recursive: true })
    await mkdir(join(this.path, 'landing'), { recursive: true })
  }

  /**
   * The fence of this warehouse: a file for each token, of which the highest counts. It is not kept in Silver, because Silver cannot be
   * opened beside a paused runner that holds it.
   */
  async fence(): Promise<bigint> {
    const tokens = (await this.#numbered(/^fence-(\d+)$/)).map(({ number }) => number)
    return tokens.sort(ascending).at(-1) ?? 0n
  }

  /** False when a higher token was here. */
  async raiseFence(token: bigint): Promise<boolean> {
    if ((await this.fence()) > token) return false
    await writeFile(join(this.path, `fence-${token}`), '')
    // Two may have passed the first look; the higher one alone passes this one.
    if ((await this.fence()) > token) return false
    for (const { number, name } of await this.#numbered(/^fence-(\d+)$/))
      if (number < token) await rm(join(this.path, name), { force: true })
    return true
  }

  async newestSilver(): Promise<SilverFileName | undefined> {
    const files = await this.#numbered(/^silver-(\d+)\.duckdb$/)
    const newest = files.sort((a, b) => ascending(a.number, b.number)).at(-1)
    return newest && { token: newest.number, path: join(this.path, newest.name) }
  }

  /** Removes every Silver file but one, with what lies beside them. */
  async keepOnlySilver(token: bigint): Promise<void> {
    for (const { number, name } of await this.#numbered(/^silver-(\d+)\.duckdb/))
      if (number !== token) await rm(join(this.path, name), { force: true })
  }

  /** Removes what killed writers left on disk; one that only sleeps is fenced and needs it no more. */
  async clearWriterSpill(): Promise<void> {
    for (const name of await readdir(this.spill('.')).catch(() => []))
      if (name.startsWith('writer-')) await rm(this.spill(name), { recursive: true, force: true })
  }

  /** A copy of the file, which appears under its name only when whole. Returns its path. */
  async addLanding(name: string, file: string): Promise<string> {
    const path = this.landingFile(name)
    const partial = `${path}.tmp`
    await copyFile(file, partial)
    const handle = await open(partial, 'r+')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(partial, path)
    return path
  }

  /** Removes what is not `needed` of landing. Returns what it removed. */
  async keepLandings(needed: ReadonlySet<string>): Promise<string[]> {
    const removed: string[] = []
    for (const name of (await readdir(join(this.path, 'landing'))).sort()) {
      if (name.endsWith('.parquet') && needed.has(name.slice(0, -'.parquet'.length))) continue
      await rm(join(this.path, 'landing', name), { force: true })
      removed.push(`landing/${name}`)
    }
    return removed
  }

  /** Names in `builds/`, each with the tag that it belongs to. */
  async buildFiles(): Promise<{ readonly name: string; readonly tag: string }[]> {
    const names = await readdir(this.builds())
    return names.sort().map((name) => ({ name, tag: name.replace(/\.duckdb.*$/, '') }))
  }

  async #numbered(pattern: RegExp): Promise<{ readonly name: string; readonly number: bigint }[]> {
    return (await readdir(this.path)).flatMap((name) => {
      const number = pattern.exec(name)?.[1]
      return number === undefined ? [] : [{ name, number: BigInt(number) }]
    })
  }
}

const ascending = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0)

/** Waits until a file's content, or a folder's names, survive a crash of the machine. */
export async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
