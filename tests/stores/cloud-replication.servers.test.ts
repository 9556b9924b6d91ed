import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type { ObjectStore } from '../../pipeline/bronze/object-store.js'
import { objectStoreKindOf } from '../../pipeline/bronze/stores/registry.js'
import type { Durable } from '../../pipeline/durable.js'
import { type Servers, s3Credentials, startServers } from '../../scripts/servers/servers.js'
import type { StoresReport } from '../../src/app.js'
import { GoldgateApp } from '../../src/composition/goldgate-app.js'
import { DemoStores } from '../pipeline/demo-stores.js'
import { generateSmallDemo } from '../setup/demo.js'
import { createInstallation } from '../setup/installation.js'
import { goldHash, readGold } from '../setup/read-gold.js'
import { SmallDisk, whyNoSmallDisk } from '../setup/small-disk.js'

const noDisk = whyNoSmallDisk()

/** Servers of its own: they are killed. */
describe.skipIf(process.env.GOLDGATE_TEST_S3_ENDPOINT === undefined)('replication to S3 and GCS', () => {
  let servers: Servers
  let folder: string
  /** What the servers keep their objects on, where one can be mounted. */
  let disk: SmallDisk | undefined
  let demo: DemoStores
  let stores: ReadonlyMap<string, ObjectStore>

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'goldgate-servers-'))
    if (noDisk === undefined) disk = SmallDisk.mount(folder, 64)
    servers = await startServers({ s3: true, gcs: true }, { folder })
    process.env.AWS_ACCESS_KEY_ID = s3Credentials.accessKeyId
    process.env.AWS_SECRET_ACCESS_KEY = s3Credentials.secretAccessKey
    const installation = await createInstallation({
      sources: { demo: 'demo-9' },
      cloudStores: [
        { name: 's3', kind: 's3', bucket: 'bronze', prefix: 'gold gate', endpoint: servers.s3.endpoint },
        {
          name: 'gcs',
          kind: 'gcs',
          bucket: 'bronze',
          apiEndpoint: servers.gcs.endpoint,
          anonymous: true,
          required: false,
        },
      ],
    })
    demo = new DemoStores(installation, await generateSmallDemo(installation.folder, { seed: 9 }))
    const opened = installation.config.stores.map(({ name, kind, options }) =>
      objectStoreKindOf(kind).open(name, options),
    )
    stores = new Map((await Promise.all(opened)).map((store) => [store.name, store]))
    for (const store of stores.values()) await store.setup()
  })
  afterEach(() => {
    vi.unstubAllEnvs()
    vi.useRealTimers()
  })
  afterAll(async () => {
    await servers?.stop()
    disk?.unmount()
    await rm(folder, { recursive: true, force: true })
    await demo?.installation.remove()
  })

  /** Key, size and stored SHA-256 of everything. */
  async function objectsOf(name: string): Promise<readonly [string, number, string | undefined][]> {
    const store = stores.get(name)
    const objects: [string, number, string | undefined][] = []
    for await (const { key, bytes } of store?.list('') ?? [])
      objects.push([key, bytes, (await store?.head(key))?.sha256])
    return objects
  }

  const keysAndSizes = async (name: string) => (await objectsOf(name)).map(([key, bytes]) => [key, bytes])

  /** The file in which a server keeps an object; its metadata lie beside it and stay as they are. */
  async function fileOf(server: 's3' | 'gcs', part: string): Promise<string> {
    const root = join(servers.folder, server, ...(server === 's3' ? ['root'] : []))
    const entries = await readdir(root, { recursive: true, withFileTypes: true })
    const found = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
    const file = found.find((path) => decodeURIComponent(path).includes(part))
    if (file === undefined) throw new Error(`${server} has no file of ${part}`)
    return file
  }

  async function flip(path: string): Promise<void> {
    const bytes = await readFile(path)
    const at = Math.floor(bytes.length / 2)
    bytes[at] = (bytes[at] ?? 0) ^ 1
    // In place: extended attributes hold what the server knows of it.
    await writeFile(path, bytes, { flag: 'r+' })
  }

  const found = ({ stores: reports }: StoresReport) =>
    reports.flatMap(({ store, findings }) => findings.map((each) => `${store} ${each.kind}`))

  it('leaves every object in both, with its checksum', async () => {
    const run = await demo.run()
    expect(run.status).toBe('published')
    expect(run.stores.map(({ outcome }) => outcome)).toEqual(['whole', 'whole', 'whole'])
    const first = await keysAndSizes('disk')
    expect(first).toHaveLength(18)
    for (const name of ['s3', 'gcs']) {
      const objects = await objectsOf(name)
      expect(objects.map(([key, bytes]) => [key, bytes])).toEqual(first)
      for (const [, , sha256] of objects) expect(sha256).toMatch(/^[0-9a-f]{64}$/)
    }
    expect(await demo.verify({ deep: true })).toMatchObject({ sound: true })
  })

  it.each(['s3', 'gcs'] as const)(
    'finds one flipped bit in %s under intact metadata when it reads, and repairs it',
    async (name) => {
      await flip(await fileOf(name, 'silver/demo/customers/'))
      expect((await demo.verify()).sound).toBe(true)
      expect(found(await demo.verify({ deep: true }))).toEqual([`${name} damaged`])
      const repaired = await demo.verify({ deep: true, repair: true })
      expect(repaired.sound).toBe(true)
      expect(repaired.stores.flatMap(({ findings }) => findings)).toMatchObject([{ repairedFrom: 'disk' }])
      expect(found(await demo.verify({ deep: true }))).toEqual([])
    },
  )

  it('finds what was removed in a bucket', async () => {
    const [first] = await objectsOf('gcs')
    await stores.get('gcs')?.delete(first?.[0] ?? '')
    expect(found(await demo.verify())).toEqual(['gcs missing'])
    expect((await demo.verify({ repair: true })).sound).toBe(true)
  })

  /** Something new to land and conform. */
  async function changeReturns(): Promise<void> {
    const path = join(demo.data, 'returns.ndjson')
    await writeFile(path, (await readFile(path, 'utf8')).split('\n').slice(1).join('\n'))
  }

  /** Kills a server while the n-th object is on its way to it. */
  const killing = (name: 's3' | 'gcs', nth: number): Durable => {
    let seen = 0
    return async (write, subject, perform) => {
      if (write !== 'replicate.object' || !subject.startsWith(`${name} `) || ++seen !== nth) return perform()
      const uploading = perform()
      uploading.catch(() => {})
      await servers[name].kill()
      return uploading
    }
  }

  it('pays later what an optional store missed that was killed in the middle of an upload', async () => {
    await changeReturns()
    const run = await demo.run({}, { durable: killing('gcs', 1) })
    expect(run.status).toBe('published')
    const debt = run.stores.find(({ store }) => store === 'gcs')
    expect(debt).toMatchObject({ outcome: 'owed', manifestsOwed: 2 })
    expect(debt?.message).toContain('gcs')
    await servers.gcs.start()
    const next = await demo.run()
    expect(next.stores.find(({ store }) => store === 'gcs')).toMatchObject({ outcome: 'whole', manifestsOwed: 0 })
    expect(await keysAndSizes('gcs')).toEqual(await keysAndSizes('disk'))
    expect(await demo.verify({ deep: true })).toMatchObject({ sound: true })
  }, 180_000)

  it('touches no warehouse when a required store was killed in the middle of an upload', async () => {
    await changeReturns()
    const run = await demo.run({}, { durable: killing('s3', 2) })
    expect(run).toMatchObject({ status: 'failed', warehouses: [] })
    expect(run.stores.find(({ store }) => store === 's3')).toMatchObject({ outcome: 'failed', manifestsOwed: 2 })
    expect(await demo.verify({ store: 's3' })).toMatchObject({ sound: false, stores: [{ error: expect.any(String) }] })
    await servers.s3.start()
    expect(await demo.run()).toMatchObject({ status: 'published' })
    expect(await keysAndSizes('s3')).toEqual(await keysAndSizes('disk'))
    expect(await demo.verify({ deep: true })).toMatchObject({ sound: true })
  }, 180_000)

  /** Both stores fail, with these messages, and the run touches no warehouse since S3 is required; then the next one repairs. */
  async function expectOwedAndRepaired(run: Awaited<ReturnType<DemoStores['run']>>, s3: RegExp, gcs?: RegExp) {
    expect(run).toMatchObject({ status: 'failed', warehouses: [] })
    expect(run.stores.slice(1)).toMatchObject([
      { store: 's3', outcome: 'failed', manifestsOwed: 2, message: expect.stringMatching(s3) },
      gcs === undefined
        ? { store: 'gcs', outcome: 'whole' }
        : { store: 'gcs', outcome: 'owed', manifestsOwed: 2, message: expect.stringMatching(gcs) },
    ])
    expect(await demo.run()).toMatchObject({ status: 'published' })
    for (const name of ['s3', 'gcs']) expect(await keysAndSizes(name)).toEqual(await keysAndSizes('disk'))
    expect(await demo.verify({ deep: true })).toMatchObject({ sound: true })
  }

  it.skipIf(noDisk !== undefined)(
    'owes what servers do not take whose disk is full, and pays when there is room',
    async () => {
      await changeReturns()
      await disk?.fill(0)
      const run = await demo.run()
      await disk?.makeRoom()
      await expectOwedAndRepaired(run, /the server has no space left\. Free some/, /no space left/)
    },
  )

  it('says that the secret is wrong, and goes on when it is right', async () => {
    await changeReturns()
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'of somebody else')
    const run = await demo.run()
    vi.unstubAllEnvs()
    await expectOwedAndRepaired(run, /does not belong to the access key\. Check AWS_SECRET_ACCESS_KEY/)
  })

  it('says that the buckets are not there, and goes on when their names are right', async () => {
    await changeReturns()
    const { config } = demo.installation
    const elsewhere = config.stores.map((store) =>
      store.kind === 'disk' ? store : { ...store, options: { ...(store.options as object), bucket: 'brunze' } },
    )
    const app = new GoldgateApp({ ...config, stores: elsewhere })
    const run = await app.run({}, () => {}).finally(() => app.close())
    const said = /bucket brunze.*Correct its name in goldgate\.yaml, or run "goldgate setup"/
    await expectOwedAndRepaired(run, said, said)
  })

  it.each([-3, 3])('works with a clock that is %d hours off: the answer of S3 says what time it is', async (hours) => {
    await changeReturns()
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + hours * 3_600_000 })
    const run = await demo.run()
    vi.useRealTimers()
    expect(run).toMatchObject({ status: 'published' })
    expect(run.stores.map(({ outcome }) => outcome)).toEqual(['whole', 'whole', 'whole'])
    expect(await demo.verify({ deep: true })).toMatchObject({ sound: true })
  })

  it.each(['s3', 'gcs'] as const)(
    'gives the same Gold from %s, damaged as it is, when the disk and all warehouses were emptied',
    async (name) => {
      // A batch, which the run reads there itself, and a raw file, which it copies to the disk.
      for (const part of ['silver/demo/sales/', 'bronze/demo/products/']) await flip(await fileOf(name, part))
      const before = await readGold(demo.installation.config)
      const whole = await keysAndSizes('disk')
      await rm(join(demo.installation.folder, 'home', 'store'), { recursive: true })
      await demo.emptyWarehouses()
      expect(await demo.run({ from: name })).toMatchObject({ status: 'published' })
      const after = await readGold(demo.installation.config)
      for (const warehouse of ['postgres', 'duckdb']) {
        expect(goldHash(after.get(warehouse)), warehouse).toBe(goldHash(before.get(warehouse)))
      }
      expect(await keysAndSizes('disk')).toEqual(whole)
      expect(found(await demo.verify({ deep: true }))).toEqual([`${name} damaged`])
      expect((await demo.verify({ deep: true, repair: true })).sound).toBe(true)
    },
  )
})
