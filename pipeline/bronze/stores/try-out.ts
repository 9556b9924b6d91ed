import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { ObjectStore } from '../object-store.js'

/** What each operation needs, as an administrator would grant it. */
export type Needs = Readonly<Record<'put' | 'head' | 'get' | 'list' | 'delete', string>>

const content = 'Goldgate tries whether it can write here. This object may be removed.\n'

/** Does with a tiny object what the pipeline does with large ones, and removes it. Returns what did not work, each with what it needs. */
export async function tryOut(store: ObjectStore, needs: Needs): Promise<readonly string[]> {
  const key = `.goldgate-check/${randomUUID()}`
  const problems: string[] = []
  const attempt = async (operation: keyof Needs, work: () => Promise<string | undefined>): Promise<boolean> => {
    const problem = await work().catch((error: unknown) => (error instanceof Error ? error.message : String(error)))
    if (problem === undefined) return true
    problems.push(`${withoutFullStop(problem)} (${operation}: ${needs[operation]}).`)
    return false
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
  if (wrote) {
    await attempt('delete', async () => {
      await store.delete(key)
      return undefined
    })
  }
  return problems
}

function withoutFullStop(sentence: string): string {
  return sentence.replace(/\.$/, '')
}
