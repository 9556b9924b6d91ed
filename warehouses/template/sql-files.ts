import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { packageRoot } from '../package-root.js'
import type { Template } from './parse.js'

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
