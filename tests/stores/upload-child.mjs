// Puts one large object and tells the most memory that took, or is killed meanwhile. Compiled code: a process that runs TypeScript needs far more memory.
import { Readable } from 'node:stream'
import { openGcs } from '../../dist/pipeline/bronze/stores/gcs/open.js'
import { openS3 } from '../../dist/pipeline/bronze/stores/s3/open.js'

const { cloud, options, key, bytes, sha256 } = JSON.parse(process.argv[2])
const store = (cloud === 'S3' ? openS3 : openGcs)('cloud', { prefix: '', ...options })
const piece = Buffer.alloc(64 * 1024, 7)

function* pieces() {
  for (let sent = 0; sent < bytes; sent += piece.length) {
    yield piece.subarray(0, Math.min(piece.length, bytes - sent))
    if (sent % (8 * 1024 * 1024) === 0) console.log(JSON.stringify({ sent }))
  }
}

const put = await store.put(key, Readable.from(pieces(), { objectMode: false }), sha256 ? { sha256 } : {})
for await (const _piece of await store.get(key));
console.log(JSON.stringify({ put, mostBytes: process.resourceUsage().maxRSS * 1024 }))
