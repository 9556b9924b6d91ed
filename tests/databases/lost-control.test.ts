import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { generateSmallDemo } from '../setup/demo.js'
import { createInstallation, type TestInstallation } from '../setup/installation.js'
import { goldHash, readGold } from '../setup/read-gold.js'

let data: string
let installation: TestInstallation

beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'goldgate lost '))
  installation = await createInstallation({ sources: { demo: await generateSmallDemo(data) } })
})
afterEach(async () => {
  await installation.remove()
  await rm(data, { recursive: true, force: true })
})

async function run(asOf?: string) {
  const app = installation.open()
  try {
    return await app.run(asOf === undefined ? {} : { asOf }, () => undefined)
  } finally {
    await app.close()
  }
}

async function inControl(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: installation.env.TEST_CONTROL_URL })
  await client.connect()
  await client.query(sql)
  await client.end()
}

const hashes = async () => [...(await readGold(installation.config)).values()].map(goldHash)

// docs/operations.md, "Without the control database".
test('a lost control database is made anew by a run, once its token is above that of the warehouses', async () => {
  for (const asOf of ['2025-01-29', '2025-01-30', undefined])
    expect(await run(asOf)).toMatchObject({ status: 'published' })
  const before = await hashes()
  expect(new Set(before).size).toBe(1)
  await inControl('DROP SCHEMA goldgate_control CASCADE')
  const app = installation.open()
  expect(await app.setup(60)).toMatchObject({ ok: true })
  await app.close()
  const refused = await run()
  expect(refused.status).toBe('failed')
  for (const { message } of refused.warehouses)
    expect(message).toMatch(
      /^FENCED: .* although this run holds the lease.*docs\/operations\.md .*"Without the control/,
    )
  await inControl('UPDATE goldgate_control.lease SET token = 1000000')
  expect(await run()).toMatchObject({ status: 'published' })
  expect(await hashes()).toEqual(before)
  expect(await run()).toMatchObject({ status: 'unchanged' })
})
