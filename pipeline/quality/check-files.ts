import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../warehouses/package-root.js'
import type { Template } from '../../warehouses/template/parse.js'
import { type RenderContext, renderTemplate } from '../../warehouses/template/render.js'
import { readSqlFile } from '../../warehouses/template/sql-files.js'
import type { Check } from './check.js'

/** Every check of `sql/checks`, in the order of their names. Throws where a header or a macro is wrong. */
export function fileChecks(context: RenderContext): Check[] {
  return checkFileNames().map((name) => fileCheck(name, readSqlFile(`checks/${name}.sql`, context.dialect), context))
}

/** Without those of a single dialect (`name.duckdb.sql`), which stand in for the file of their name. */
export function checkFileNames(): string[] {
  return readdirSync(join(packageRoot(), 'sql', 'checks'))
    .filter((file) => /^[a-z0-9_]+\.sql$/.test(file))
    .map((file) => file.slice(0, -'.sql'.length))
    .sort()
}

/** One check from a file's text. It begins with the three comments `severity`, `describes` and `shows`. */
export function fileCheck(name: string, template: Template, context: RenderContext): Check {
  const header = (key: string, expected: string): string => {
    const found = new RegExp(`^-- ${key}: +(.+?) *$`, 'm').exec(template.text)?.[1]
    if (found === undefined)
      throw new Error(`${template.file} has no line "-- ${key}: …". Write ${expected} there, above the SELECT.`)
    return found
  }
  const severity = header('severity', 'error or warn')
  if (severity !== 'error' && severity !== 'warn')
    throw new Error(`${template.file}: severity is error or warn, not ${severity}.`)
  return {
    name,
    severity,
    description: header('describes', 'one sentence that says what holds'),
    shows: header('shows', 'the columns that tell people which rows they are')
      .split(',')
      .map((column) => column.trim()),
    sql: renderTemplate(template, context).sql.trim().replace(/;$/, ''),
  }
}
