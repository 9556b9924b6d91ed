import { execFile } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { z } from 'zod'
import { canonicalJson } from '../pipeline/bronze/canonical-json.js'
import type { BronzeObject, Delivery } from '../pipeline/bronze/delivery.js'
import { manifestKey, rawFolderOfRun } from '../pipeline/bronze/layout.js'
import { DiskStore } from '../pipeline/bronze/stores/disk.js'
import { type Servers, s3Credentials, startServers } from '../scripts/servers/servers.js'
import type { Benchmark, Figure } from './bench.js'
import { type Cloud, openBucket } from './replication/bucket.js'

/** `GOLDGATE_BENCH_SCALE=0.01` tries it on a hundredth. */
const scale = Number(process.env.GOLDGATE_BENCH_SCALE ?? 1)
const large = { objects: 40, bytes: Math.round(12_500_000 * scale), manifests: 1 }
const many = { objects: Math.round(10_000 * scale), bytes: 1_000, manifests: 10 }
const clouds: readonly Cloud[] = ['s3', 'gcs']
const rounds = 2

/** Servers of S3 and GCS on this machine: what is measured is the work of this side, beside the SDK's own upload of the same files. */
export const replicationBenchmark: Benchmark = {
  name: 'replication',
  describes: `${(large.objects * large.bytes) / 1_000_000} MB in ${large.objects} objects to S3 and GCS; verification of ${many.objects} objects`,
  async run(say) {
    const folder = await mkdtemp(join(tmpdir(), 'goldgate-bench-'))
    const servers = await startServers({ s3: true, gcs: true })
    process.env.AWS_ACCESS_KEY_ID = s3Credentials.accessKeyId
    process.env.AWS_SECRET_ACCESS_KEY = s3Credentials.secretAccessKey
    try {
      await fill(join(folder, 'large'), large)
      const copied = await copyFigures(join(folder, 'large'), servers, say)
      await fill(join(folder, 'many'), many)
      return [...copied, ...(await verifyFigures(join(folder, 'many'), servers, say))]
    } finally {
      await servers.stop()
      await rm(folder, { recursive: true, force: true })
    }
  },
}

/** Rounds take turns, the better one of each counts. Every round writes to buckets of its own. */
async function copyFigures(folder: string, servers: Servers, say: (line: string) => void): Promise<Figure[]> {
  const megabytes = (large.objects * large.bytes) / 1_000_000
  const best = new Map<string, Measured>()
  for (let round = 1; round <= rounds; round++) {
    for (const to of [...clouds.map((cloud) => [cloud]), clouds]) {
      for (const what of ['replicate', 'by-hand'] as const) {
        const name = `${what} ${to.join(' and ')}`
        const measured = await measure(folder, what, await freshBuckets(servers, to))
        say(`${name}: ${(megabytes / measured.seconds).toFixed(0)} MB/s, ${measured.peakMb.toFixed(0)} MB resident`)
        if (measured.seconds < (best.get(name)?.seconds ?? Infinity)) best.set(name, measured)
      }
    }
  }
  const speed = (name: string) => megabytes / (best.get(name)?.seconds ?? Number.NaN)
  const both = best.get('replicate s3 and gcs')
  return [
    ...['s3', 'gcs', 's3 and gcs'].flatMap((to) => [
      { name: `copies to ${to}, each`, value: speed(`replicate ${to}`), unit: 'MB/s' },
      { name: `the SDK's upload in a loop, ${to}, each`, value: speed(`by-hand ${to}`), unit: 'MB/s' },
      { name: `ratio, ${to}`, value: speed(`replicate ${to}`) / speed(`by-hand ${to}`), unit: '×' },
    ]),
    { name: 'peak resident memory, both', value: both?.peakMb ?? Number.NaN, unit: 'MB', goal: '< 300' },
    { name: 'of which before the first object', value: both?.idleMb ?? Number.NaN, unit: 'MB' },
  ]
}

async function verifyFigures(folder: string, servers: Servers, say: (line: string) => void): Promise<Figure[]> {
  const buckets = await freshBuckets(servers, clouds)
  const filled = await measure(folder, 'replicate', buckets)
  say(`${many.objects} small objects copied to both in ${filled.seconds.toFixed(1)} s`)
  const verified = await measure(folder, 'verify', buckets)
  if (verified.findings !== 0) throw new Error(`The verification found ${verified.findings} differences`)
  return [
    { name: `verification of ${verified.objects} objects in three stores`, value: verified.seconds, unit: 's' },
    ...Object.entries(verified.requests ?? {}).map(([store, value]) => ({
      ...{ name: `requests to ${store}`, value, unit: '' },
    })),
  ]
}

let bucketsMade = 0

/** `cloud=endpoint=bucket` of new buckets. */
async function freshBuckets(servers: Servers, to: readonly Cloud[]): Promise<string[]> {
  return Promise.all(
    to.map(async (cloud) => {
      const { endpoint } = servers[cloud]
      const bucket = `bench-${++bucketsMade}`
      await openBucket(cloud, endpoint, bucket).store.setup()
      return [cloud, endpoint, bucket].join('=')
    }),
  )
}

const output = z.object({
  seconds: z.number(),
  idleMb: z.number(),
  peakMb: z.number(),
  objects: z.number().optional(),
  findings: z.number().optional(),
  requests: z.record(z.string(), z.number()).optional(),
})
type Measured = z.infer<typeof output>

async function measure(folder: string, what: string, buckets: readonly string[]): Promise<Measured> {
  const script = fileURLToPath(new URL('./replication/worker.ts', import.meta.url))
  const args = ['--no-warnings', '--import', 'tsx', script, folder, what, ...buckets]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  return output.parse(JSON.parse(stdout))
}

/** A disk store with objects of random bytes and the manifests that name them. */
async function fill(path: string, size: { objects: number; bytes: number; manifests: number }): Promise<void> {
  const store = new DiskStore('disk', { path })
  for (let manifest = 0; manifest < size.manifests; manifest++) {
    const run = { source: 'bench', runId: `r${manifest}`, dt: '2026-01-01' }
    const objects: BronzeObject[] = []
    for (let nth = 0; nth < size.objects / size.manifests; nth++) {
      const content = randomBytes(size.bytes)
      const file = `${String(nth).padStart(5, '0')}.ndjson`
      const key = `${rawFolderOfRun({ ...run, dataset: 'sales' })}${file}`
      const sha256 = createHash('sha256').update(content).digest('hex')
      await store.put(key, Readable.from([content]), { sha256 })
      objects.push({ dataset: 'sales', key, file, sha256, bytes: size.bytes, rows: 1, runId: run.runId })
    }
    const delivery: Delivery = { version: 1, ...run, sequence: manifest + 1, objects }
    await store.put(manifestKey(delivery), Readable.from([Buffer.from(canonicalJson(delivery))]))
  }
}
