import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { duckdbAdapter } from './adapter.js'
import { Engine } from './engine.js'
import { WarehouseFolder } from './folder.js'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'goldgate duckdb engine '))
})
afterEach(() => rm(directory, { recursive: true, force: true }))

it('spills to disk what does not fit in memory, in a warehouse that never spilled before', async () => {
  const options = { ...duckdbAdapter.parseOptions({}), memoryLimitMb: 64, threads: 1 }
  const engine = await Engine.open(':memory:', 'writer', new WarehouseFolder(join(directory, 'new')), options)
  try {
    const connection = await engine.connect()
    await connection.run(
      'CREATE TABLE sorted AS SELECT range AS id, md5(range::VARCHAR) AS text FROM range(2000000) ORDER BY text',
    )
    const counted = await connection.runAndReadAll('SELECT COUNT(*) FROM sorted')
    expect(counted.getRows()).toEqual([[2_000_000n]])
  } finally {
    await engine.close()
  }
})
