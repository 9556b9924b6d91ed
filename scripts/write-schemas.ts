import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { jsonSchemaFiles } from '../src/config/json-schema-files.js'
import { packageRoot } from '../warehouses/package-root.js'

/** Writes the JSON Schemas that editors complete goldgate.yaml and source.yaml with; `--check` fails when one is stale instead. */
const check = process.argv.includes('--check')
const stale: string[] = []
for (const { path, text } of jsonSchemaFiles()) {
  const file = join(packageRoot(), path)
  if ((await readFile(file, 'utf8').catch(() => '')) === text) continue
  stale.push(relative(process.cwd(), file))
  if (check) continue
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
}
if (check && stale.length > 0) {
  console.error(`Stale: ${stale.join(', ')}. Run "npm run json-schemas" and commit the result.`)
  process.exitCode = 1
}
