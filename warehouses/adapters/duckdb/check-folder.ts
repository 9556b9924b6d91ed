import { mkdir, rm, stat, statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Diagnosis } from '../../contract/diagnosis.js'
import type { WarehouseFolder } from './folder.js'

/** Below this a build of any size ends with a full disk. */
const leastFreeBytes = 200_000_000

/** Makes the folder; says so when it was not there. */
export async function setupFolder(folder: WarehouseFolder): Promise<readonly string[]> {
  // `open` makes its inner folders as soon as it can.
  const there = await stat(folder.path).catch(() => undefined)
  await folder.prepare()
  return there ? [] : [`Created the folder ${folder.path}.`]
}

/** Whether files can be made in the folder. `engine` answers with DuckDB's version. */
export async function diagnoseFolder(folder: WarehouseFolder, engine: () => Promise<string>): Promise<Diagnosis> {
  const probe = join(folder.path, `.check-${process.pid}`)
  try {
    await mkdir(folder.path, { recursive: true })
    await writeFile(probe, 'check')
    await rm(probe, { force: true })
    const { bavail, bsize } = await statfs(folder.path)
    const free = bavail * bsize
    return {
      found: `DuckDB ${await engine()} in ${folder.path}, ${(free / 1e9).toFixed(1)} GB free`,
      problems:
        free < leastFreeBytes
          ? [
              `Only ${Math.round(free / 1e6)} MB are free on the disk of ${folder.path}: make space, or set "path" to another disk.`,
            ]
          : [],
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return {
      found: `no use of folder ${folder.path}`,
      problems: [
        `${reason}. Let the user that runs Goldgate create and write this folder, or set "path" to another one.`,
      ],
    }
  }
}
