import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder that holds this package's `sql/`, `operations/` and `web/`, whether the code runs from source or from `dist/`. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (manifestIn(folder)?.name !== 'goldgate') {
    const parent = dirname(folder)
    if (parent === folder)
      throw new Error('The package goldgate is incomplete: no package.json above its code. Install it again.')
    folder = parent
  }
  return folder
}

export const packageVersion = (): string => String(manifestIn(packageRoot())?.version)

function manifestIn(folder: string): { readonly name?: unknown; readonly version?: unknown } | undefined {
  const file = join(folder, 'package.json')
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
}
