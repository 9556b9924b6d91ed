import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'

export interface ChildProgram {
  readonly file: string
  readonly execArgv: string[]
}

/** The compiled child beside the compiled parent; the TypeScript child, through tsx, beside a parent that runs from source. */
export function childProgram(): ChildProgram {
  const fromSource = import.meta.url.endsWith('.ts')
  const file = fileURLToPath(new URL(fromSource ? './child.ts' : './child.js', import.meta.url))
  const loader = fromSource ? ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href] : []
  return { file, execArgv: loader }
}
