import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { type ObjectStore, StoreError } from '../object-store.js'

/** What each operation needs, as an administrator would grant it. */
export type Needs = Readonly<Record<'put' | 'head' | 'get' | 'list' | 'delete', string>>

const content = 'Goldgate tries whether it can write here. This object may be removed.\n'

/**
 * Does with a tiny object what the pipeline does with large ones, and removes it. Returns what did not work: each permission that is missing, with what grants
 * it, or the one thing (no bucket, no credentials, no network) that stands before all permissions and would be told again for each operation.
 */
export async function tryOut(store: ObjectStore, needs: Needs): Promise<readonly string[]> {
  const key = `.goldgate-check/${randomUUID()}`
  const problems: string[] = []
  let stopped = false
  const attempt = async (operation: keyof Needs, work: () => Promise<string | undefined>): Promise<boolean> => {
    if (stopped) return false
    try {
      const problem = await work()
      if (problem !== undefined) problems.push(`${problem}.`)
      return problem === undefined
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      const grantable = error instanceof StoreError && error.lacksPermission
      problems.push(`${withoutFullStop(message)}${grantable ? ` (${operation}: ${needs[operation]})` : ''}.`)
      stopped = !grantable
      return false
    }
  }

  const wrote = await attempt('put', async () => {
    await store.put(key, Readable.from([Buffer.from(content)]))
    return undefined
  })
  if (wrote) {
    await attempt('head', async () => ((await store.head(key)) ? undefined : 'An object that was written is not there'))
    await attempt('get', async () =>
      (await text(await store.get(key))) === content ? undefined : 'An object that was written reads differently',
    )
  }
  await attempt('list', async () => {
    for await (const found of store.list('.goldgate-check/')) if (found.key === key) return undefined
    return wrote ? 'An object that was written is not in the list' : undefined
  })
  const remove = async () => {
    await store.delete(key)
    return undefined
  }
  if (wrote && !stopped) await attempt('delete', remove)
  // What stopped it is told already, but nothing of the attempt should stay.
  else if (wrote) await remove().catch(() => undefined)
  return problems
}

function withoutFullStop(sentence: string): string {
  return sentence.replace(/\.$/, '')
}
