import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { packageRoot } from '../../warehouses/package-root.js'
import { checkOfEntity, templates } from './extensions.js'

it('docs/extending.md shows only code that the templates hold', async () => {
  const page = await readFile(join(packageRoot(), 'docs', 'extending.md'), 'utf8')
  const entries = await readdir(templates, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const held = await Promise.all(files.map((file) => readFile(file, 'utf8')))
  const blocks = [...page.matchAll(/^( *)```(?:ts|sql|yaml)\n(.*?)^ *```$/gms)]
  expect(blocks.length).toBeGreaterThan(8)
  for (const [, indent = '', text = ''] of blocks) {
    const code = text.replaceAll(new RegExp(`^${indent}`, 'gm'), '')
    expect(
      held.some((file) => file.includes(code)),
      code,
    ).toBe(true)
  }
  expect(page).toContain(checkOfEntity.line.trim())
})

it('docs/extending.md names only files that are there', async () => {
  const page = await readFile(join(packageRoot(), 'docs', 'extending.md'), 'utf8')
  const named = [
    ...page.matchAll(/`((?:docs|models|operations|pipeline|resolvers|scripts|sql|src|tests|warehouses)\/[\w./-]+)`/g),
  ].map(([, path = '']) => path)
  const added = await readdir(templates, { recursive: true })
  const isAdded = (path: string) =>
    added.some((file) => file.replace(/\.template$/, '').endsWith(path.replace(/\/$/, '')))
  const missing = named.filter((path) => !existsSync(join(packageRoot(), path)) && !isAdded(path))
  expect(missing).toEqual([])
})
