import { describe, expect, test } from 'vitest'
import {
  emptyStatus,
  goodRun,
  goodTest,
  published,
  RecordingCli,
  soundStores,
} from '../../../tests/setup/recording-cli.js'
import type { RunSummary, StatusReport, StoresReport } from '../../app.js'
import { exitCodeOf } from '../errors.js'

const twoSources = {
  sources: [
    { name: 'demo', data: '/demo' },
    { name: 'other', data: '/other' },
  ],
}

describe('run', () => {
  test('hands every flag to the pipeline, folders made absolute, and closes what it opened', async () => {
    const cli = new RecordingCli('/here', twoSources)
    const flags = ['--source', 'demo', '--data', 'files', '--as-of', '2025-12-31', '--run-id', 'mine_1']
    expect(await cli.run('run', ...flags, '--mappings', 'a', '--mappings', '/b', '--from', 'gcs')).toBeUndefined()
    const asked = {
      sources: ['demo'],
      dataDirectory: '/here/files',
      asOf: '2025-12-31',
      runId: 'mine_1',
      mappings: ['/here/a', '/b'],
      from: 'gcs',
    }
    expect(cli.calls).toEqual([['run', asked], ['close']])
    expect(cli.out).toContain('Run r1: published in 1.50 s')
    expect(cli.out).toMatch(/daily_revenue +731/)
  })

  test('asks for nothing in particular without flags', async () => {
    const cli = new RecordingCli('/here', twoSources)
    expect(await cli.run('run')).toBeUndefined()
    expect(cli.calls[0]).toEqual(['run', {}])
  })

  test('refuses --data for several sources', async () => {
    const cli = new RecordingCli('/here', twoSources)
    const error = await cli.run('run', '--data', 'files')
    expect(error).toMatchObject({ code: 'USAGE', message: expect.stringContaining('demo, other') })
    expect(exitCodeOf(error)).toBe(2)
    expect(cli.calls).toEqual([['close']])
  })

  test.each([
    ['unchanged', undefined],
    ['held', undefined],
    ['gated', 'BUILD_GATED'],
    ['failed', 'RUN_FAILED'],
  ] as const)('that ends %s is done or not', async (status, code) => {
    const summary: RunSummary = {
      ...goodRun,
      status,
      warehouses: [{ warehouse: 'postgres', outcome: status, rows: {}, message: 'grain of daily_revenue' }],
    }
    const cli = new RecordingCli('/here', twoSources, { run: async () => summary })
    const error = await cli.run('run', '--json')
    expect((error as { code?: string } | undefined)?.code).toBe(code)
    if (error) expect((error as Error).message).toContain('postgres: grain of daily_revenue')
    const { causes: _, ...document } = summary
    expect(JSON.parse(cli.out)).toEqual(document)
  })

  test('that fails in several places says each in a sentence of its own, and keeps what was thrown', async () => {
    const cause = new Error('connect ECONNREFUSED')
    const summary: RunSummary = {
      ...goodRun,
      status: 'failed',
      failedSources: [{ source: 'demo', message: 'sales.csv is empty.' }],
      warehouses: [
        { warehouse: 'postgres', outcome: 'gated', rows: {}, message: 'failed grain of daily_revenue' },
        { warehouse: 'duckdb', outcome: 'failed', rows: {}, message: 'no space' },
      ],
      causes: [cause],
    }
    const cli = new RecordingCli('/here', twoSources, { run: async () => summary })
    expect(await cli.run('run')).toMatchObject({
      cause,
      message: expect.stringMatching(
        /^demo: sales.csv is empty\. postgres: failed grain of daily_revenue\. duckdb: no space\. What was/,
      ),
    })
  })

  test('says of a store that owes why, in a sentence, and what becomes of it', async () => {
    const message = 'The disk is full. Free some space'
    const owing = {
      store: 'copy',
      required: false,
      outcome: 'owed',
      objects: 0,
      bytes: 0,
      manifestsOwed: 1,
      bytesOwed: 9,
    } as const
    const summary: RunSummary = { ...goodRun, stores: [{ ...owing, message }] }
    const cli = new RecordingCli('/here', twoSources, { run: async () => summary })
    await cli.run('run')
    expect(cli.out).toContain('Free some space. The next run pays it.')
  })

  test('closes what it opened when the pipeline throws', async () => {
    const cli = new RecordingCli('/here', twoSources, { run: () => Promise.reject(new Error('no space')) })
    expect(await cli.run('run')).toMatchObject({ message: 'no space' })
    expect(cli.calls).toEqual([['close']])
  })
})

test('what a command failed with is not hidden by what closing fails with then', async () => {
  const close = () => Promise.reject(Object.assign(new Error('does not stop'), { code: 'POSTGRES_NOT_STOPPED' }))
  const failing = new RecordingCli('/here', twoSources, { run: () => Promise.reject(new Error('no space')), close })
  expect(await failing.run('run')).toMatchObject({ message: 'no space' })
  expect(failing.err).toContain('goldgate: also: POSTGRES_NOT_STOPPED: does not stop.')
  const working = new RecordingCli('/here', twoSources, { close })
  expect(await working.run('run')).toMatchObject({ code: 'POSTGRES_NOT_STOPPED' })
})

describe('publish', () => {
  test('moves the pointer and says that it is held', async () => {
    const cli = new RecordingCli('/here', {})
    expect(await cli.run('publish', 'r1', '--warehouse', 'postgres')).toBeUndefined()
    expect(cli.calls).toEqual([['publish', 'r1', 'postgres'], ['close']])
    expect(cli.out).toContain('postgres answers from build r1')
    expect(cli.out).toContain('goldgate publish --release --warehouse postgres')
  })

  test('says when views stay behind: the pointer has moved all the same', async () => {
    const moved = async () => ({ ...published, viewsBehind: 'The pipeline is running already' })
    const cli = new RecordingCli('/here', {}, { publish: moved })
    expect(await cli.run('publish', 'r1', '--warehouse', 'postgres')).toBeUndefined()
    expect(cli.out).toContain('postgres answers from build r1')
    expect(cli.err).toMatch(/^Warning: the views .* of postgres .* The pipeline is running already\.\n$/)
  })

  test('releases the pointer', async () => {
    const cli = new RecordingCli('/here', {})
    expect(await cli.run('publish', '--release', '--warehouse', 'postgres')).toBeUndefined()
    expect(cli.calls).toEqual([['release', 'postgres'], ['close']])
    expect(cli.out).toContain('follows the newest build')
  })

  test('wants a build or --release, not both, and then opens nothing', async () => {
    const cli = new RecordingCli('/here', {})
    expect(exitCodeOf(await cli.run('publish', '--warehouse', 'postgres'))).toBe(2)
    expect(exitCodeOf(await cli.run('publish', 'r1', '--release', '--warehouse', 'postgres'))).toBe(2)
    expect(cli.calls).toEqual([])
  })

  test('is not done where there is nothing to release', async () => {
    const cli = new RecordingCli('/here', {}, { release: async () => undefined })
    const error = await cli.run('publish', '--release', '--warehouse', 'postgres')
    expect(error).toMatchObject({ code: 'NOTHING_PUBLISHED' })
    expect(exitCodeOf(error)).toBe(1)
  })
})

describe('status', () => {
  const report: StatusReport = {
    ...emptyStatus,
    embeddedPostgresUrlFile: '/home/postgres/url',
    runs: [
      {
        runId: 'r2',
        status: 'failed',
        sources: ['demo'],
        startedAt: '2026-11-21T10:00:00Z',
        endedAt: '2026-11-21T10:00:02Z',
        error: 'gated',
      },
    ],
    steps: [
      {
        step: 'load',
        subject: 'postgres',
        status: 'done',
        startedAt: '2026-11-21T10:00:00Z',
        rows: 20_000,
        bytes: 1_200_000,
      },
    ],
    builds: [
      {
        ...{
          warehouse: 'postgres',
          buildId: 'r2',
          status: 'failed',
          builtAt: '2026-11-21T10:00:01Z',
          rows: { daily_revenue: 731 },
        },
        checksFailed: [{ name: 'daily_revenue.grain', severity: 'error', violations: 2, sample: 'demo 2025-01-01' }],
      },
    ],
    pointers: [
      { warehouse: 'postgres', build: { ...published, stale: true, gate: 'failed' } },
      { warehouse: 'duckdb' },
    ],
    quarantine: goodTest.quarantine,
  }

  test('shows runs, steps, builds, checks, pointers and quarantine', async () => {
    const cli = new RecordingCli('/here', {}, { status: async () => report })
    expect(await cli.run('status')).toBeUndefined()
    expect(cli.out).toMatch(/postgres +r1 +2026-11-21 09:06:46 +demo 2025-12-31 +failed +stale/)
    expect(cli.out).toMatch(/duckdb +- .*nothing is published yet/)
    expect(cli.out).toMatch(/r2 +failed +2026-11-21 10:00:00 +2\.00 s +demo +gated/)
    expect(cli.out).toMatch(/load +postgres +done +20,000 +1\.2 MB/)
    expect(cli.out).toMatch(/daily_revenue\.grain +2 +demo 2025-01-01/)
    expect(cli.out).toMatch(/demo\.sales +sales +NOT_TYPED \(ordered_at\) +1 +sales\.ndjson row 7/)
    expect(cli.out).toContain(`psql "$(cat '/home/postgres/url')"`)
  })

  test('never lets a raw row move the cursor of a terminal', async () => {
    const cli = new RecordingCli('/here', {}, { status: async () => report })
    await cli.run('status')
    expect(cli.out).not.toContain('\u001b')
  })

  test('prints the report itself as JSON', async () => {
    const cli = new RecordingCli('/here', {}, { status: async () => report })
    expect(await cli.run('status', '--json')).toBeUndefined()
    expect(JSON.parse(cli.out)).toEqual(report)
  })

  test('says what to do in an installation without a run', async () => {
    const cli = new RecordingCli('/here', {})
    await cli.run('status')
    expect(cli.out).toContain('"goldgate run" makes the first')
  })
})

describe('stores verify', () => {
  const finding = { key: 'silver/a.parquet', kind: 'damaged', what: 'its bytes have SHA-256 1 instead of 2' } as const
  const withFindings = (findings: StoresReport['stores'][number]['findings'], sound: boolean): StoresReport => ({
    ...soundStores,
    sound,
    stores: soundStores.stores.map((each) => ({ ...each, findings })),
  })

  test('hands every flag on, and says in one line that all is well', async () => {
    const cli = new RecordingCli('/here', {})
    expect(await cli.run('stores', 'verify', '--deep', '--repair', '--store', 'disk')).toBeUndefined()
    expect(cli.calls).toEqual([['verifyStores', { deep: true, repair: true, store: 'disk' }], ['close']])
    expect(cli.out).toContain('Every object of every manifest is in every store')
  })

  test('names what is wrong, what to do, and ends with 1', async () => {
    const report = withFindings([finding], false)
    const cli = new RecordingCli('/here', {}, { verifyStores: async () => report })
    const error = await cli.run('stores', 'verify')
    expect(error).toMatchObject({ code: 'STORES_NOT_SOUND', message: expect.stringContaining('--repair') })
    expect(exitCodeOf(error)).toBe(1)
    expect(cli.out).toMatch(/In disk\n +damaged +silver\/a\.parquet +its bytes have SHA-256 1 instead of 2/)
  })

  test('says where a repair came from, and that what no store has cannot be repaired', async () => {
    const repaired = withFindings([{ ...finding, repairedFrom: 's3' }], true)
    const cli = new RecordingCli('/here', {}, { verifyStores: async () => repaired })
    expect(await cli.run('stores', 'verify', '--repair')).toBeUndefined()
    expect(cli.out).toContain('written again from s3')
    const lost = withFindings([{ ...finding, notRepaired: 'there is no other store' }], false)
    const other = new RecordingCli('/here', {}, { verifyStores: async () => lost })
    expect(await other.run('stores', 'verify', '--repair')).toMatchObject({
      message: expect.stringContaining('must come back from a backup'),
    })
    expect(other.out).toContain('not repaired: there is no other store')
  })

  test('prints everything as JSON, also when something is wrong', async () => {
    const report = withFindings([finding], false)
    const cli = new RecordingCli('/here', {}, { verifyStores: async () => report })
    expect(await cli.run('stores', 'verify', '--json')).toMatchObject({ code: 'STORES_NOT_SOUND' })
    expect(JSON.parse(cli.out)).toEqual(report)
  })
})

describe('source test', () => {
  test('shows counts, quarantine and the first rows', async () => {
    const cli = new RecordingCli('/here', {})
    expect(await cli.run('source', 'test', 'demo', '--data', 'files', '--mappings', 'maps')).toBeUndefined()
    const request = { source: 'demo', dataDirectory: '/here/files', mappings: ['/here/maps'] }
    expect(cli.calls[0]).toEqual(['testSource', request])
    expect(cli.out).toMatch(/sales +sales +20,000 +19,998 +1 +1 +0/)
    expect(cli.out).toMatch(/sales: first 1 of 19,998 rows\n +sale_id +channel\n +S1 +NULL/)
  })

  test('is not done when a run would refuse the delivery', async () => {
    const unusable = 'demo, sales: 9 of 10 rows'
    const cli = new RecordingCli('/here', {}, { testSource: async () => ({ ...goodTest, unusable }) })
    expect(await cli.run('source', 'test', 'demo')).toMatchObject({ code: 'TOO_MANY_REJECTED', message: unusable })
    expect(cli.out).toMatch(/sales +sales +20,000/)
  })

  test('is not done when rows went missing on the way', async () => {
    const entity = {
      entity: 'sales',
      from: 'sales',
      raw: 3,
      loaded: 2,
      collapsed: 0,
      quarantined: 0,
      filtered: 0,
      firstRows: [],
    }
    const cli = new RecordingCli('/here', {}, { testSource: async () => ({ ...goodTest, entities: [entity] }) })
    const error = await cli.run('source', 'test', 'demo', '--json')
    expect(error).toMatchObject({ code: 'ROWS_NOT_ACCOUNTED_FOR', message: expect.stringContaining('sales') })
    expect(JSON.parse(cli.out)).toMatchObject({ source: 'demo' })
  })
})

describe('sql', () => {
  test('prints the SQL of the default warehouse, or of another', async () => {
    const cli = new RecordingCli('/here', {})
    expect(await cli.run('sql', 'daily_revenue')).toBeUndefined()
    expect(cli.out).toBe('SELECT 1\n')
    expect(await cli.run('sql', 'daily_revenue', '--warehouse', 'duckdb')).toBeUndefined()
    expect(cli.calls.filter(([name]) => name === 'sql')).toEqual([
      ['sql', 'daily_revenue', 'postgres'],
      ['sql', 'daily_revenue', 'duckdb'],
    ])
  })

  test('as JSON names model and warehouse', async () => {
    const cli = new RecordingCli('/here', {})
    await cli.run('sql', 'daily_revenue', '--json')
    expect(JSON.parse(cli.out)).toEqual({ model: 'daily_revenue', warehouse: 'postgres', sql: 'SELECT 1\n' })
  })
})
