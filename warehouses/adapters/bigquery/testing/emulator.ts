import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AdapterUnderTest } from '../../../conformance/subject.js'
import type { Warehouse } from '../../../contract/warehouse.js'
import { bigqueryAdapter } from '../adapter.js'
import { openClient } from '../client.js'

/** What bqemulator cannot do and BigQuery can; the requests that this depends on are tested by themselves. */
const beyondEmulator: Readonly<Record<string, string>> = {
  'a stream that runs too long, or whose caller goes away, is stopped':
    'the emulator runs a statement inside the request that makes its job, and cancels none: it would be busy for hours',
  'a statement that runs too long is stopped':
    'the emulator runs a statement inside the request that makes its job, and cancels none: it would be busy for hours',
  'a statement whose caller goes away is stopped':
    'the emulator runs a statement inside the request that makes its job, and cancels none: it would be busy for hours',
  'a statement that would read more bytes than it may is refused, where the warehouse says that it keeps a limit':
    'the emulator says of every statement that it reads nothing, and knows no limit of bytes',
  'a column that may not be NULL refuses NULL':
    'the emulator does not keep REQUIRED columns of tables that the API made',
}

const ofFloats = 'the emulator divides through binary floats: its quotients are right below about 10^13 only'
const divisions = Object.fromEntries(
  [0, 2, 4, 9].map((scale) => [`ratio divides exactly and rounds half away from zero to ${scale} digits`, ofFloats]),
)

const largeDivision = 'ratio divides counts, and decimals of unlike scales, by the same rule'

/** A dataset of its own for each case, in a running emulator. `more` are further options of the warehouse. */
export const emulatorUnderTest = (
  endpoint: string,
  more: Readonly<Record<string, unknown>> = {},
): AdapterUnderTest => ({
  name: 'bigquery',
  capabilities: bigqueryAdapter.capabilities,
  beyondServer: { ...beyondEmulator, ...divisions, [largeDivision]: ofFloats },
  async create() {
    const directory = await mkdtemp(join(tmpdir(), 'goldgate bigquery '))
    const dataset = `test_${randomBytes(6).toString('hex')}`
    const options = (apiEndpoint: string) =>
      bigqueryAdapter.parseOptions({ project: 'goldgate-test', dataset, apiEndpoint, anonymous: true, ...more })
    const opened: Warehouse[] = []
    const open = async (apiEndpoint: string) => {
      const embeddedPostgres = () => Promise.reject(new Error('not needed'))
      const warehouse = await bigqueryAdapter.open('main', options(apiEndpoint), { directory, embeddedPostgres })
      opened.push(warehouse)
      return warehouse
    }
    return {
      directory,
      open: () => open(endpoint),
      openUnavailable: () => open('http://127.0.0.1:1'),
      async close() {
        for (const warehouse of opened) await warehouse.close()
        const client = await openClient(options(endpoint))
        await client
          .dataset(dataset)
          .delete({ force: true })
          .catch(() => undefined)
        await rm(directory, { recursive: true, force: true })
      },
    }
  },
})
