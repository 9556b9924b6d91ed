import { setTimeout as sleep } from 'node:timers/promises'
import { S3ServiceException } from '@aws-sdk/client-s3'

const attempts = 6

/** Sends a write that must create its object. False when the key is taken (412). S3 answers 409 while another writer is at it: then again. */
export async function createdUnless(send: () => Promise<unknown>): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    try {
      await send()
      return true
    } catch (error) {
      const status = statusOf(error)
      if (status === 412) return false
      if (status !== 409 || attempt === attempts) throw error
      await sleep(50 * 2 ** attempt * (0.5 + Math.random()))
    }
  }
}

export function statusOf(error: unknown): number | undefined {
  return error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined
}
