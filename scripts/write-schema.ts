import { readFile, writeFile } from 'node:fs/promises'
import { lexicographicSortSchema, printSchema } from 'graphql'
import { goldModels } from '../models/gold/index.js'
import { createSchema } from '../resolvers/index.js'

/** Writes schema.graphql from the model declarations; with `--check` only says whether it is fresh, by its exit code. */
const file = new URL('../schema.graphql', import.meta.url)
const head = '# Written by `npm run schema` from models/gold. Do not edit.\n\n'
const text = `${head}${printSchema(lexicographicSortSchema(createSchema(goldModels)))}\n`

if (!process.argv.includes('--check')) {
  await writeFile(file, text)
} else if ((await readFile(file, 'utf8').catch(() => undefined)) !== text) {
  console.error('schema.graphql is not what the model declarations give. Run `npm run schema` and commit it.')
  process.exitCode = 1
}
