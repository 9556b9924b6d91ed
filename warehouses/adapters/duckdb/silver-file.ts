import { open, readdir, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { WarehouseError } from '../../contract/errors.js'
import { Engine } from './engine.js'
import { isDamaged, isLocked, unavailable } from './errors.js'
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
   * Goes on with the newest file, or begins an empty one where that is still held by a paused runner, or is damaged; it says so, since all batches are
   * then loaded again. The caller holds the fence. What an empty file lacks, its ledger says. Throws WAREHOUSE_UNAVAILABLE for whatever else keeps
   * the newest file from being opened (rights, memory, files at once): that passes, and its Silver is still good.
   */
  static async open(
    warehouse: string,
    folder: WarehouseFolder,
    token: bigint,
    options: DuckdbOptions,
  ): Promise<SilverFile> {
    try {
      return await openNewest(warehouse, folder, token, options)
    } catch (error) {
      throw error instanceof WarehouseError ? error : unavailable(warehouse, folder.path, error)
    }
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

async function openNewest(
  warehouse: string,
  folder: WarehouseFolder,
  token: bigint,
  options: DuckdbOptions,
): Promise<SilverFile> {
  const newest = await folder.newestSilver()
  if (newest) {
    const found = await tryOpen(folder, newest.path, options)
    if (found instanceof SilverFile) {
      await folder.keepOnlySilver(newest.token)
      return found
    }
    if (newest.token === token) {
      const message = `Warehouse ${warehouse} is being written with token ${token} already: let that writer end first.`
      throw new WarehouseError('WAREHOUSE_UNAVAILABLE', warehouse, message)
    }
    process.emitWarning(whyAnew(warehouse, basename(newest.path), found), { type: 'Goldgate' })
  }
  const path = folder.silverFile(token)
  const fresh = await tryOpen(folder, path, options)
  if (!(fresh instanceof SilverFile)) throw new Error(`${basename(path)} cannot be made`)
  await folder.keepOnlySilver(token)
  return fresh
}

function whyAnew(warehouse: string, file: string, found: Damaged | undefined): string {
  const why = found ? `is damaged (${found.reason})` : 'is held by another process'
  return `Warehouse ${warehouse}: ${file} ${why}. Silver begins empty and all batches are loaded again.`
}

interface Damaged {
  readonly reason: string
}

/** Undefined when somebody else holds the file. Throws for what says nothing about it. */
async function tryOpen(
  folder: WarehouseFolder,
  path: string,
  options: DuckdbOptions,
): Promise<SilverFile | Damaged | undefined> {
  const claim = `${path}.held-${process.pid}-${Math.trunc(performance.timeOrigin)}`
  if (!(await claimed(claim))) return undefined
  let engine: Engine | undefined
  try {
    engine = await Engine.open(path, 'writer', folder, options)
    await removeOtherClaims(path, claim)
    return await SilverFile.make(folder, engine, path, claim)
  } catch (error) {
    await engine?.close()
    await rm(claim, { force: true })
    if (isLocked(error)) return undefined
    if (isDamaged(error)) return { reason: error.message.split('\n')[0] ?? '' }
    throw error
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
