import { appendFile, mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Durable, writeThrough } from '../durable.js'
import type { Dataset, EntityMapping, Mapping } from '../sources/mapping.js'
import type { Delivery } from './delivery.js'
import { type LandRequest, landSource } from './land.js'
import type { LandProgress } from './land-request.js'
import { manifestKey } from './layout.js'
import { readDelivery } from './manifest.js'
import { DiskStore } from './stores/disk.js'
import { sweepOrphans } from './sweep-orphans.js'

let root: string
let store: DiskStore
/** Every durable write, in order. */
let writes: string[]

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'land ü '))
  store = new DiskStore('disk', { path: join(root, 'store') })
  writes = []
})

afterEach(() => rm(root, { recursive: true, force: true }))

const dataset = (name: string, files: string, more: Partial<Dataset> = {}): Dataset => ({
  name,
  files,
  format: { kind: 'ndjson', gzip: false },
  columns: ['id'],
  optional: false,
  ...more,
})

const entity = (name: string, mode: EntityMapping['mode'], from = name): EntityMapping => ({
  entity: name,
  from,
  mode,
  grouped: false,
  maxRejected: 0.5,
  sqlFile: `${name}.sql`,
  sql: '',
  lookups: [],
})

const mapping = (datasets: readonly Dataset[], entities: readonly EntityMapping[]): Mapping => ({
  name: 'shop',
  directory: root,
  currency: 'EUR',
  timezone: 'Europe/Berlin',
  country: 'DE',
  datasets,
  entities,
})

const full = mapping(
  [dataset('products', 'products.ndjson'), dataset('sales', 'sales/*.ndjson')],
  [entity('products', 'full'), entity('sales', 'full')],
)
const daily = mapping(full.datasets, [entity('products', 'full'), entity('sales', 'append')])

const record: Durable = (write, subject, perform) => {
  writes.push(`${write} ${subject}`)
  return perform()
}

async function deliver(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [file, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, 'data', file)), { recursive: true })
    await writeFile(join(root, 'data', file), content)
  }
}

async function countLines(path: string): Promise<number> {
  return (await readFile(path, 'utf8')).split('\n').filter(Boolean).length
}

async function land(runId: string, more: Partial<LandRequest> = {}): Promise<Delivery> {
  return landSource({
    mapping: full,
    dataDirectory: join(root, 'data'),
    store,
    runId,
    dt: '2026-01-02',
    previous: undefined,
    countRecords: countLines,
    durable: record,
    ...more,
  })
}

async function keys(prefix = ''): Promise<string[]> {
  const found: string[] = []
  for await (const { key } of store.list(prefix)) found.push(key)
  return found
}

const landedBy = (delivery: Delivery) => delivery.objects.map(({ file, runId }) => `${file} ${runId}`)

describe('landing', () => {
  beforeEach(() =>
    deliver({ 'products.ndjson': '{}\n{}\n', 'sales/b.ndjson': '{"b":1}\n', 'sales/a.ndjson': '{"a":1}\n' }),
  )

  it('puts every file under its key, and the manifest last', async () => {
    const delivery = await land('r1')
    const folder = (name: string) => `bronze/shop/${name}/dt=2026-01-02/run_id=r1`
    expect(delivery.objects.map(({ key, rows, bytes }) => ({ key, rows, bytes }))).toEqual([
      { key: `${folder('products')}/products.ndjson`, rows: 2, bytes: 6 },
      { key: `${folder('sales')}/sales/a.ndjson`, rows: 1, bytes: 8 },
      { key: `${folder('sales')}/sales/b.ndjson`, rows: 1, bytes: 8 },
    ])
    expect(writes).toEqual([
      ...delivery.objects.map((object) => `bronze.object ${object.key}`),
      'bronze.manifest manifests/bronze/dt=2026-01-02/run_id=r1/shop.json',
    ])
    expect(await readDelivery(store, manifestKey(delivery))).toEqual(delivery)
    for (const { key, file } of delivery.objects) {
      expect(await readFile(await store.localPath(key))).toEqual(await readFile(join(root, 'data', file)))
    }
  })

  it('writes nothing when nothing is new, also when files were only touched', async () => {
    const first = await land('r1')
    writes = []
    await utimes(join(root, 'data/products.ndjson'), new Date(), new Date())
    const before = await keys()
    expect(await land('r2', { previous: first })).toBe(first)
    expect(writes).toEqual([])
    expect(await keys()).toEqual(before)
  })

  it('lands what changed and names again what did not', async () => {
    const first = await land('r1')
    await deliver({ 'sales/b.ndjson': '{"b":2}\n', 'sales/c.ndjson': '{"c":1}\n' })
    const second = await land('r2', { previous: first })
    expect(landedBy(second)).toEqual([
      'products.ndjson r1',
      'sales/a.ndjson r1',
      'sales/b.ndjson r2',
      'sales/c.ndjson r2',
    ])
    expect(await keys('bronze/shop/products/')).toHaveLength(1)
    expect(second.objects[0]).toEqual(first.objects[0])
  })

  it('lands a file that is renamed, and one whose older content comes back', async () => {
    const first = await land('r1')
    await deliver({ 'sales/b.ndjson': '{"b":2}\n' })
    const second = await land('r2', { previous: first })
    await deliver({ 'sales/b.ndjson': '{"b":1}\n', 'sales/z.ndjson': '{"a":1}\n' })
    await rm(join(root, 'data/sales/a.ndjson'))
    const third = await land('r3', { previous: second })
    expect(landedBy(third)).toEqual(['products.ndjson r1', 'sales/b.ndjson r3', 'sales/z.ndjson r3'])
  })

  it('leaves out files that have gone where the newest delivery is the truth', async () => {
    const first = await land('r1')
    await rm(join(root, 'data/sales/a.ndjson'))
    const second = await land('r2', { previous: first })
    expect(landedBy(second)).toEqual(['products.ndjson r1', 'sales/b.ndjson r1'])
    expect(await readDelivery(store, manifestKey(second))).toEqual(second)
  })

  it('keeps files that have gone where deliveries add up, and every version of a file', async () => {
    const first = await land('r1', { mapping: daily })
    await rm(join(root, 'data/sales'), { recursive: true })
    expect(await land('r2', { mapping: daily, previous: first })).toBe(first)
    await deliver({ 'sales/a.ndjson': '{"a":2}\n' })
    const third = await land('r3', { mapping: daily, previous: first })
    expect(landedBy(third)).toEqual([
      'products.ndjson r1',
      'sales/a.ndjson r1',
      'sales/b.ndjson r1',
      'sales/a.ndjson r3',
    ])
    await deliver({ 'sales/a.ndjson': '{"a":1}\n' })
    const fourth = await land('r4', { mapping: daily, previous: third })
    expect(landedBy(fourth).at(-1)).toBe('sales/a.ndjson r4')
    expect(fourth.objects).toHaveLength(5)
  })

  it('tells how far it is', async () => {
    const heard: LandProgress[] = []
    await land('r1', { onProgress: (progress) => heard.push(progress) })
    expect(heard.at(-1)).toEqual({ rows: 4, bytes: 22, message: 'sales sales/b.ndjson' })
  })

  it('stops when it is told to', async () => {
    const controller = new AbortController()
    const durable: Durable = (_write, _subject, perform) => {
      controller.abort(new Error('stop'))
      return perform()
    }
    await expect(land('r1', { durable, signal: controller.signal })).rejects.toThrow()
    expect(await keys('manifests/')).toEqual([])
  })
})

describe('a file that cannot be landed', () => {
  beforeEach(() => deliver({ 'products.ndjson': '{}\n', 'sales/a.ndjson': '{}\n' }))

  const fails = async (code: string, file: string, message: RegExp, more: Partial<LandRequest> = {}) => {
    await expect(land('r1', more)).rejects.toMatchObject({
      name: 'SourceError',
      code,
      message: expect.stringMatching(message),
      where: { source: 'shop', file },
    })
    expect(await keys('manifests/')).toEqual([])
  }

  it('because it is missing is named, before anything is written', async () => {
    await rm(join(root, 'data/sales/a.ndjson'))
    await fails('FILE_MISSING', 'sales/*.ndjson', /sales of shop/)
    expect(writes).toEqual([])
  })

  it('because it is missing is no error of an optional dataset', async () => {
    await rm(join(root, 'data/sales'), { recursive: true })
    const optional = mapping(
      [full.datasets[0] as Dataset, dataset('sales', 'sales/*.ndjson', { optional: true })],
      full.entities,
    )
    expect((await land('r1', { mapping: optional })).objects).toHaveLength(1)
  })

  it('because its folder is missing is named', async () => {
    const nowhere = join(root, 'nowhere')
    await fails('SOURCE_NOT_FOUND', nowhere, /nowhere/, { dataDirectory: nowhere })
  })

  it('because it is empty is named', async () => {
    await deliver({ 'products.ndjson': '' })
    await fails('FILE_EMPTY', 'products.ndjson', /products.ndjson of the dataset products of shop is empty/)
  })

  it('because it cannot be read is named', async () => {
    const broken = () => Promise.reject(new Error('not a gzip file'))
    await fails('FILE_UNREADABLE', 'products.ndjson', /products.ndjson of the dataset products .*not a gzip file/, {
      countRecords: broken,
    })
  })

  it('because it grows all the time is named, and none of it becomes part of a delivery', async () => {
    const path = join(root, 'data/products.ndjson')
    const growing = async () => {
      await appendFile(path, '{}\n')
      return 1
    }
    await fails('FILE_UNREADABLE', 'products.ndjson', /changed each time while it was being read/, {
      countRecords: growing,
    })
    expect(await keys('bronze/shop/products/')).toEqual([])
  })

  it('at once because it grew a last time is read again', async () => {
    let grown = false
    const countRecords = async (path: string) => {
      const rows = await countLines(path)
      if (!grown && path.endsWith('products.ndjson')) await appendFile(path, '{}\n')
      grown = true
      return rows
    }
    const delivery = await land('r1', { countRecords })
    expect(delivery.objects[0]).toMatchObject({ file: 'products.ndjson', rows: 2, bytes: 6 })
  })
})

describe('a run that was killed while landing', () => {
  beforeEach(() => deliver({ 'products.ndjson': '{}\n', 'sales/a.ndjson': '{"a":1}\n' }))

  const killedAt = async (at: number, after: boolean) => {
    let count = 0
    const durable: Durable = async (write, subject, perform) => {
      const last = ++count === at
      if (last && !after) throw new Error('killed')
      const done = await record(write, subject, perform)
      if (last) throw new Error('killed')
      return done
    }
    await expect(land('r1', { durable })).rejects.toThrow('killed')
  }

  it.each([1, 2, 3].flatMap((at) => [false, true].map((after) => ({ at, after }))))(
    'ends the same when it is resumed, with no write done twice (write $at, after it: $after)',
    async ({ at, after }) => {
      await killedAt(at, after)
      const delivery = await land('r1')
      expect(delivery.objects.map((object) => object.rows)).toEqual([1, 1])
      expect(writes).toHaveLength(3)
      expect(new Set(writes).size).toBe(3)
      expect(await keys()).toEqual([...delivery.objects.map((object) => object.key), manifestKey(delivery)])
    },
  )

  it('lands the file as it is now, when it changed meanwhile, and leaves nothing of the old one', async () => {
    await killedAt(2, true)
    await deliver({ 'sales/a.ndjson': '{"a":2}\n{"a":3}\n' })
    const delivery = await land('r1')
    const sales = delivery.objects[1]
    expect(sales).toMatchObject({ file: 'sales/a.ndjson', rows: 2, bytes: 16, runId: 'r1' })
    expect(await readFile(await store.localPath(sales?.key ?? ''), 'utf8')).toBe('{"a":2}\n{"a":3}\n')
    expect(await keys('bronze/')).toEqual(delivery.objects.map((object) => object.key))
  })

  it('leaves objects that are removed when it is never resumed, and only those', async () => {
    const kept = await land('r0')
    const unknownButLanded = await land('r00', { dt: '2025-01-01' })
    await killedAt(2, true)
    await store.put('bronze/shop/note.txt', Readable.from(['no run made this']))
    await store.put('bronze/shop-2/sales/dt=2026-01-02/run_id=r1/a', Readable.from(['another source']))
    expect(await sweepOrphans(store, 'shop', new Set(['r0', 'r1']), writeThrough)).toBe(0)
    expect(await sweepOrphans(store, 'shop', new Set(['r0']), writeThrough)).toBe(2)
    const left = [...kept.objects, ...unknownButLanded.objects].map((object) => object.key)
    expect(await keys('bronze/shop/')).toEqual([...left, 'bronze/shop/note.txt'].sort())
    expect(await keys('bronze/shop-2/')).toHaveLength(1)
  })
})

describe('a manifest', () => {
  it('is the same bytes for the same delivery, and readable', async () => {
    await deliver({ 'products.ndjson': '{}\n', 'sales/a.ndjson': '{"a":1}\n' })
    const delivery = await land('r1')
    const text = await readFile(await store.localPath(manifestKey(delivery)), 'utf8')
    expect(text.split('\n').slice(0, 4)).toEqual(['{', '  "dt": "2026-01-02",', '  "objects": [', '    {'])
    expect(text.endsWith('}\n')).toBe(true)
  })

  it('that is damaged is an error that names it', async () => {
    await store.put('manifests/bronze/x.json', Readable.from(['{"version":2}']))
    await expect(readDelivery(store, 'manifests/bronze/x.json')).rejects.toMatchObject({
      code: 'STORE_ERROR',
      message: expect.stringContaining('manifests/bronze/x.json'),
    })
    await expect(readDelivery(store, 'absent')).rejects.toMatchObject({ code: 'OBJECT_NOT_FOUND' })
  })
})
