/**
 * A runner of its own process, for tests that pause or kill it: `runner.ts KIND FOLDER TOKEN BATCH...` merges the first batch, loads the others
 * one by one and begins a build; says `ready`; and on a line `retain` drops every build and says what came of it.
 */
import { createInterface } from 'node:readline'
import { adapterOf } from '../adapters/registry.js'
import type { Batch } from '../contract/batch.js'
import { contractSelect } from '../template/gold-plan.js'
import { thingList, things } from './things.js'

const [kind = '', directory = '', token = '', ...files] = process.argv.slice(2)
const embeddedPostgres = () => Promise.reject(new Error('not embedded'))
const adapter = adapterOf(kind)
const warehouse = await adapter.open('main', adapter.parseOptions({}), { directory, embeddedPostgres })
const writer = await warehouse.openWriter(BigInt(token), [things])

for (const [at, parquetPath] of files.entries()) {
  const batch: Batch = {
    source: 'shop',
    entity: things,
    mode: 'full',
    runId: 'run1',
    hash: `hash ${at}`,
    parquetPath,
    uris: [],
    rows: 1n,
    bytes: 1,
  }
  await writer.load(batch)
  if (at === 0) await writer.merge(batch)
}
const { dialect } = warehouse
const select = contractSelect(thingList, `SELECT * FROM ${dialect.silverTable('things')}`, dialect)
await writer.buildTable({ buildId: 'run1', tag: `run1_${token}` }, thingList, select)
console.log('ready')

for await (const _line of createInterface({ input: process.stdin })) {
  const outcome = await writer.retain(new Set()).catch((error: unknown) => error)
  console.log(outcome instanceof Error && 'code' in outcome ? outcome.code : `dropped ${String(outcome)}`)
}
