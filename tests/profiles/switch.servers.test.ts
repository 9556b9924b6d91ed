import { createHash, randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { goldModels } from '../../models/gold/index.js'
import type { GoldModel } from '../../models/types.js'
import { fieldOf, rowsFieldOf } from '../../resolvers/index.js'
import { packageRoot } from '../../warehouses/package-root.js'
import { cleanEnvironment, type Ended, run, serving } from '../extension/processes.js'
import { createTestDatabase, type TestDatabase } from '../setup/database.js'
import { generateSmallDemo } from '../setup/demo.js'

const {
  GOLDGATE_TEST_S3_ENDPOINT: s3,
  GOLDGATE_TEST_S3_ACCESS_KEY: accessKey,
  GOLDGATE_TEST_S3_SECRET_KEY: secretKey,
  GOLDGATE_TEST_GCS_ENDPOINT: gcs,
  GOLDGATE_TEST_BIGQUERY_ENDPOINT: bigquery,
  GOLDGATE_TEST_DATA: data,
} = process.env
const electronics = data === undefined ? '' : join(data, 'global-electronics')
const without = s3 === undefined || gcs === undefined || bigquery === undefined
const program = join(packageRoot(), 'bin', 'goldgate.js')
/** Each reads everything of a model from a field; the names of warehouses are those that every profile answers to. */
const faces = ['', 'warehouse: "primary"', 'warehouse: "reporting"']
const minutes = 60_000
const pageSize = 10_000

let folder: string
let databases: TestDatabase[]
let variables: Record<string, string>

/** All variables of all profiles; which profile it is stands in GOLDGATE_PROFILE alone. */
beforeAll(async () => {
  if (without) return
  folder = await mkdtemp(join(tmpdir(), 'goldgate profiles '))
  databases = [await createTestDatabase(), await createTestDatabase()]
  const name = `switch-${randomUUID().slice(0, 8)}`
  variables = {
    GOLDGATE_HOME: join(folder, 'home'),
    PORT: '0',
    // The largest that there is: facts have tens of thousands of rows, and BigQuery reads the whole table for each page.
    GOLDGATE_MAX_PAGE_SIZE: String(pageSize),
    GOLDGATE_CONTROL_URL: databases[0]?.url ?? '',
    GOLDGATE_CONTROL_TLS: 'false',
    GOLDGATE_POSTGRES_URL: databases[1]?.url ?? '',
    GOLDGATE_POSTGRES_TLS: 'false',
    GOLDGATE_S3_BUCKET: name,
    GOLDGATE_S3_ENDPOINT: s3 ?? '',
    AWS_ACCESS_KEY_ID: accessKey ?? '',
    AWS_SECRET_ACCESS_KEY: secretKey ?? '',
    GOLDGATE_GCS_BUCKET: name,
    GOLDGATE_GCS_ENDPOINT: gcs ?? '',
    GOLDGATE_GCS_ANONYMOUS: 'true',
    GOLDGATE_GCP_PROJECT: 'goldgate-test',
    GOLDGATE_BIGQUERY_DATASET: name.replaceAll('-', '_'),
    GOLDGATE_BIGQUERY_ENDPOINT: bigquery ?? '',
    GOLDGATE_BIGQUERY_ANONYMOUS: 'true',
  }
  const demo = await generateSmallDemo(folder)
  // Where every profile looks for it.
  const { cp } = await import('node:fs/promises')
  await cp(demo, join(folder, 'home', 'demo'), { recursive: true })
}, 2 * minutes)

afterAll(async () => {
  if (without) return
  for (const database of databases) await database.drop()
  await rm(folder, { recursive: true, force: true })
}, 2 * minutes)

const environment = (profile: string) => cleanEnvironment({ ...variables, GOLDGATE_PROFILE: profile })

async function goldgate(profile: string, ...args: string[]): Promise<Ended> {
  const ended = await run(process.execPath, [program, ...args], folder, environment(profile))
  expect(ended.code, `goldgate ${args.join(' ')} in profile ${profile}:\n${ended.output}`).toBe(0)
  return ended
}

/** SHA-256 of all rows of all models, sorted, as a client reads them page by page. */
async function exported(url: string, face: string): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {}
  for (const model of goldModels) hashes[model.name] = sha256((await rowsOf(url, model, face)).sort())
  return hashes
}

async function rowsOf(url: string, model: GoldModel, face: string): Promise<string[]> {
  const [field, columns] = [rowsFieldOf(model), model.columns.map(({ name }) => fieldOf(name))]
  const query = `query Export($after: String, $isFirst: Boolean!) { rows: ${field}(first: ${pageSize}, after: $after, ${face}) {
    totalCount @include(if: $isFirst) pageInfo { hasNextPage endCursor } nodes { ${columns.join(' ')} } } }`
  const rows: string[] = []
  let total: number | undefined
  for (let after: string | null = null; ; ) {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables: { after, isFirst: after === null } }),
    })
    const { data, errors } = (await response.json()) as { data?: { rows: Page }; errors?: unknown }
    expect(errors, model.name).toBeUndefined()
    if (!data) throw new Error(`${model.name} gave no answer`)
    rows.push(...data.rows.nodes.map((node) => JSON.stringify(columns.map((column) => node[column]))))
    total ??= data.rows.totalCount
    if (!data.rows.pageInfo.hasNextPage) {
      expect(rows).toHaveLength(total ?? -1)
      return rows
    }
    after = data.rows.pageInfo.endCursor
  }
}

interface Page {
  /** On the first page. */
  readonly totalCount?: number
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string }
  readonly nodes: readonly Readonly<Record<string, unknown>>[]
}

const sha256 = (rows: readonly string[]): string => createHash('sha256').update(rows.join('\n')).digest('hex')

describe.skipIf(without)('changing GOLDGATE_PROFILE and nothing else', () => {
  let expected: Record<string, string> | undefined

  // aws, gcp and multi share a control database, and this is the way from one cloud to the other.
  test.each(['local', 'aws', 'multi', 'gcp'])(
    '%s gives the same rows of every model',
    async (profile) => {
      await goldgate(profile, 'setup')
      const checked = await goldgate(profile, 'config', 'check', '--json')
      expect(JSON.parse(checked.stdout)).toMatchObject({ ok: true, profile })
      await goldgate(profile, 'run')
      if (existsSync(electronics))
        await goldgate(profile, 'run', '--source', 'global-electronics', '--data', electronics)
      // Of the newest build, which holds every source: the exit code is 1 where warehouses differ.
      const parity = JSON.parse((await goldgate(profile, 'parity', '--json')).stdout)
      expect(parity).toMatchObject({
        equal: true,
        warehouses: Array(profile === 'local' || profile === 'multi' ? 2 : 1).fill({}),
      })
      expect(parity.models).toHaveLength(goldModels.length)
      const hashes = await serving([program, 'serve'], folder, environment(profile), async (url) => {
        const read: Record<string, string>[] = []
        for (const face of faces) read.push(await exported(url, face))
        return read
      })
      expected ??= hashes[0]
      for (const [index, each] of hashes.entries()) expect(each, `${profile}, ${faces[index]}`).toEqual(expected)
    },
    15 * minutes,
  )

  test('a cloud that never got what the other holds says where it is', async () => {
    const { GOLDGATE_GCS_BUCKET: bucket } = variables
    variables.GOLDGATE_GCS_BUCKET = `${bucket}-empty`
    try {
      await goldgate('gcp', 'setup')
      const { code, output } = await run(process.execPath, [program, 'run'], folder, environment('gcp'))
      expect([code, output]).toEqual([
        1,
        expect.stringContaining('s3, which this profile does not have: run once in a'),
      ])
    } finally {
      variables.GOLDGATE_GCS_BUCKET = bucket ?? ''
    }
  })

  test('setup a second time makes nothing', async () => {
    const { stdout } = await goldgate('multi', 'setup', '--json')
    const { parts } = JSON.parse(stdout) as { parts: { made: string[] }[] }
    expect(parts.flatMap(({ made }) => made)).toEqual([])
  })
})
