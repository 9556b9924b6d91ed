import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { previewSource } from './preview.js'
import { ConformFolder } from './testing/conform-folder.js'
import { sql, things, yaml } from './testing/things.js'

it('tells counts, reasons and first rows of a folder, and leaves nothing behind', async () => {
  const source = new ConformFolder([things])
  try {
    const lines = ['2,good,1,1.5,', '1,bad,2,,', '1,bad,2,,', '3,ugly,1,1,']
    source.write(
      { 'source.yaml': yaml(), 'things.sql': sql },
      { 'things.csv': `id,kind,quantity,price,made\n${lines.join('\n')}\n` },
    )
    const { mapping } = await source.request()
    const before = readdirSync(tmpdir()).filter((name) => name.startsWith('goldgate-preview-'))
    const preview = await previewSource(mapping, join(source.folder.path, 'data'), { rows: 1, entities: [things] })
    expect(preview.datasets).toEqual([{ dataset: 'things', objects: 1, records: 4, rejected: 0 }])
    expect(preview.entities).toMatchObject([
      {
        entity: 'things',
        counts: { raw: 4, loaded: 2, collapsed: 1, quarantined: 1, filtered: 0 },
        quarantine: [
          {
            reason: 'NOT_IN_LIST',
            column: 'kind',
            rows: 1,
            exampleObject: 'things/things.csv',
            exampleRow: 4,
            exampleText: '3,ugly,1,1,',
          },
        ],
        rows: [['shop', '1', 'bad', '2', null, null, null, null, 'preview', 'things/things.csv', '2']],
      },
    ])
    expect(preview.entities[0]?.columns.slice(0, 3)).toEqual(['source', 'thing_id', 'kind'])
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('goldgate-preview-'))).toEqual(before)
  } finally {
    source.remove()
  }
})
