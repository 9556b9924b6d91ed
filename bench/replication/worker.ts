/**
 * One measurement in a process of its own, so that its memory is its own: `worker.ts FOLDER WHAT CLOUD=ENDPOINT=BUCKET...` copies the disk store in FOLDER to
 * the buckets with Goldgate (`replicate`), uploads the same files with the SDK in a loop (`by-hand`), or verifies all stores (`verify`). Prints one line of JSON.
 */
import { join } from 'node:path'
import type { ObjectStore } from '../../pipeline/bronze/object-store.js'
import { replicate } from '../../pipeline/bronze/replicate.js'
import { DiskStore } from '../../pipeline/bronze/stores/disk.js'
import { verifyStores } from '../../pipeline/bronze/verify/verify.js'
import { writeThrough } from '../../pipeline/durable.js'
import { type BenchBucket, type Cloud, openBucket } from './bucket.js'

const [folder = '', what = '', ...places] = process.argv.slice(2)
const disk = new DiskStore('disk', { path: folder })
const buckets = places.map((place): BenchBucket => {
  const [cloud = '', endpoint = '', bucket = ''] = place.split('=')
  return openBucket(cloud as Cloud, endpoint, bucket)
})
const manifests: { key: string; sha256: null }[] = []
for await (const { key } of disk.list('manifests/')) manifests.push({ key, sha256: null })

const idle = process.memoryUsage.rss()
let peak = idle
const sampling = setInterval(() => {
  peak = Math.max(peak, process.memoryUsage.rss())
}, 20)
const started = performance.now()
const result = await measure()
const seconds = (performance.now() - started) / 1_000
clearInterval(sampling)
const megabytes = (bytes: number) => bytes / 1_000_000
console.log(JSON.stringify({ seconds, idleMb: megabytes(idle), peakMb: megabytes(peak), ...result }))

async function measure(): Promise<object> {
  if (what === 'replicate') {
    await Promise.all(buckets.map(({ store }) => copyTo(store)))
    return {}
  }
  if (what === 'by-hand') {
    await Promise.all(buckets.map(uploadAll))
    return {}
  }
  const stores = [disk, ...buckets.map(({ store }) => store)]
  const request = { stores, manifests, isOwed: () => false, deep: false, repair: false, durable: writeThrough }
  const verification = await verifyStores(request)
  const findings = verification.stores.reduce((sum, each) => sum + each.findings.length, 0)
  const requests = Object.fromEntries(verification.stores.map((each) => [each.store, each.requests]))
  return { objects: verification.stores[0]?.objects, findings, requests }
}

async function copyTo(to: ObjectStore): Promise<void> {
  const isHeld = () => false
  await replicate({ from: [disk], to, manifests, isHeld, onManifest: async () => {}, durable: writeThrough })
}

async function uploadAll(bucket: BenchBucket): Promise<void> {
  for await (const { key } of disk.list('')) await bucket.upload(join(folder, key))
}
