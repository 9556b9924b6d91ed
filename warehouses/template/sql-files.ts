import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { Template } from './parse.js'

const manifest = z.object({ name: z.string().optional() })

/** The folder that holds this package's `sql/`, whether the code runs from source or from `dist/`. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  for (;;) {
    const file = join(folder, 'package.json')
    if (existsSync(file) && manifest.parse(JSON.parse(readFileSync(file, 'utf8'))).name === 'goldgate') return folder
    const parent = dirname(folder)
    if (parent === folder)
      throw new Error('The package goldgate is incomplete: no package.json above its code. Install it again.')
    folder = parent
  }
}

/**
 * A file of `sql/`, named relative to it (`gold/daily_revenue.sql`). Where a file for this dialect alone lies beside it
 * (`gold/daily_revenue.duckdb.sql`), that one. The template's `file` is the path below the package.
 */
export function readSqlFile(relative: string, dialect?: { readonly name: string }): Template {
  const root = packageRoot()
  const candidates = dialect === undefined ? [relative] : [relative.replace(/\.sql$/, `.${dialect.name}.sql`), relative]
  const found = candidates.find((each) => existsSync(join(root, 'sql', each)))
  if (found === undefined)
    throw new Error(`There is no file sql/${relative}. Write it, or take its name off the list that asks for it.`)
  return { file: `sql/${found}`, text: readFileSync(join(root, 'sql', found), 'utf8') }
}

/** A file of `sql/` with those that stand in for it in single dialects, in the order of their names. */
export function readSqlVariants(relative: string): Template[] {
  const [folder, stem] = [dirname(relative), basename(relative, '.sql')]
  return readdirSync(join(packageRoot(), 'sql', folder))
    .filter((name) => name === `${stem}.sql` || (name.startsWith(`${stem}.`) && name.endsWith('.sql')))
    .sort()
    .map((name) => readSqlFile(`${folder}/${name}`))
}
