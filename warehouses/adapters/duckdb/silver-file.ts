import { open, readdir, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { WarehouseError } from '../../contract/errors.js'
import { Engine } from './engine.js'
import { unavailable } from './errors.js'
import type { WarehouseFolder } from './folder.js'
import type { DuckdbOptions } from './options.js'

/** The Silver file of one writer, open for writing. */
export class SilverFile {
  private constructor(
    private readonly folder: WarehouseFolder,
    readonly engine: Engine,
    private readonly path: string,
    private readonly inode: bigint,
    private readonly claim: string,
  ) {}

  /**
   * Goes on with the newest file, or begins an empty one where that is still held by a paused runner, or cannot be read any more. The caller
   * holds the fence. What an empty file lacks, its ledger says.
   */
  static async open(
    warehouse: string,
    folder: WarehouseFolder,
    token: bigint,
    options: DuckdbOptions,
  ): Promise<SilverFile> {
    const newest = await folder.newestSilver()
    const path = folder.silverFile(token)
    const found =
      (newest && (await tryOpen(folder, newest.path, options))) ??
      (newest?.token === token ? undefined : await tryOpen(folder, path, options))
    if (found instanceof SilverFile) {
      await folder.keepOnlySilver(found.path === path ? token : (newest?.token ?? token))
      return found
    }
    if (newest?.token !== token)
      throw unavailable(warehouse, folder.path, new Error(`${basename(path)} cannot be made`))
    const message = `Warehouse ${warehouse} is being written with token ${token} already: let that writer end first.`
    throw new WarehouseError('WAREHOUSE_UNAVAILABLE', warehouse, message)
  }

  /** False when a newer runner began a file of its own and removed this one. */
  async isCurrent(): Promise<boolean> {
    const found = await stat(this.path, { bigint: true }).catch(() => undefined)
    return found?.ino === this.inode && (await this.folder.newestSilver())?.path === this.path
  }

  async close(): Promise<void> {
    await this.engine.close()
    await rm(this.claim, { force: true })
  }

  static async make(folder: WarehouseFolder, engine: Engine, path: string, claim: string): Promise<SilverFile> {
    const { ino } = await stat(path, { bigint: true })
    return new SilverFile(folder, engine, path, ino, claim)
  }
}

async function tryOpen(folder: WarehouseFolder, path: string, options: DuckdbOptions): Promise<SilverFile | undefined> {
  const claim = `${path}.held-${process.pid}-${Math.trunc(performance.timeOrigin)}`
  if (!(await claimed(claim))) return undefined
  let engine: Engine | undefined
  try {
    engine = await Engine.open(path, 'writer', folder, options)
    await removeOtherClaims(path, claim)
    return await SilverFile.make(folder, engine, path, claim)
  } catch {
    await engine?.close()
    await rm(claim, { force: true })
    return undefined
  }
}

/**
 * The engine's lock keeps other processes out, but not a second instance in this one: the operating system gives a process the same lock
 * twice, and the file is ruined. So the process notes by a file that it holds it; its number and start tell it from any other.
 */
async function claimed(claim: string): Promise<boolean> {
  try {
    await (await open(claim, 'wx')).close()
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

/** Whoever made them is gone, or the engine would not have given us its lock. */
async function removeOtherClaims(path: string, own: string): Promise<void> {
  const prefix = `${basename(path)}.held-`
  for (const name of await readdir(dirname(path)))
    if (name.startsWith(prefix) && name !== basename(own)) await rm(join(dirname(path), name), { force: true })
}
