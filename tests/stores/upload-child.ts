import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { TestBucket } from './test-bucket.js'

const script = fileURLToPath(new URL('./upload-child.mjs', import.meta.url))

export interface Upload {
  readonly key: string
  readonly bytes: number
  readonly sha256?: string
}

const result = z.object({ put: z.object({ created: z.boolean(), bytes: z.number() }), mostBytes: z.number() })

/** Another process puts and reads an object. Returns the most memory it had. */
export async function uploadElsewhere(bucket: TestBucket, upload: Upload): Promise<number> {
  const child = start(bucket, upload)
  let last = ''
  for await (const line of linesOf(child)) last = line
  const { put, mostBytes } = result.parse(JSON.parse(last))
  if (!put.created || put.bytes !== upload.bytes) throw new Error(`not stored: ${last}`)
  return mostBytes
}

/** Another process that is killed (SIGKILL) when it has handed over so many bytes. */
export async function killedUpload(bucket: TestBucket, upload: Upload, killAfterBytes: number): Promise<void> {
  const child = start(bucket, upload)
  for await (const line of linesOf(child)) {
    const { sent } = z.object({ sent: z.number() }).parse(JSON.parse(line))
    if (sent < killAfterBytes) continue
    child.kill('SIGKILL')
    break
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}

function start(bucket: TestBucket, upload: Upload): ChildProcess {
  const argument = JSON.stringify({ cloud: bucket.cloud, options: bucket.options(), ...upload })
  return spawn(process.execPath, [script, argument], { stdio: ['ignore', 'pipe', 'inherit'] })
}

function linesOf(child: ChildProcess): AsyncIterable<string> {
  if (!child.stdout) throw new Error('the process has no output')
  return createInterface({ input: child.stdout })
}
