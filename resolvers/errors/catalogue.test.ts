import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { errorCatalogue } from './catalogue.js'

const page = await readFile(new URL('../../docs/errors.md', import.meta.url), 'utf8')
/** Code → the cells behind it. */
const rows = new Map(
  page
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
    .map(([code = '', ...cells]) => [code.replaceAll('`', ''), cells]),
)

test('docs/errors.md lists every code of the catalogue and no other', () => {
  expect([...rows.keys()].sort()).toEqual(Object.keys(errorCatalogue).sort())
})

test.each(Object.entries(errorCatalogue))('docs/errors.md says of %s what the catalogue says', (code, entry) => {
  const status = entry.scope === 'request' ? [String(entry.status)] : []
  expect(rows.get(code)).toEqual([...status, entry.description, entry.action])
})

test('a code that refuses a whole request has a status', () => {
  for (const [code, entry] of Object.entries(errorCatalogue)) {
    expect([code, entry.status !== undefined]).toEqual([code, entry.scope === 'request'])
  }
})
