import assert from 'node:assert/strict'
import { keysOf, type StoreCase } from './case.js'

/** What a store says about itself, and what it does before it is used. */
export const stateCases: readonly StoreCase[] = [
  {
    name: 'a store that works is diagnosed without a problem, and nothing is left of the attempt',
    run: async (store) => {
      const { found, problems } = await store.diagnose()
      assert.deepEqual(problems, [])
      assert.match(found, /\S/)
      assert(!found.includes('\n'), 'found is one line')
      assert.deepEqual(await keysOf(store, ''), [])
    },
  },
  {
    name: 'setup of what is there does nothing',
    run: async (store) => {
      await store.setup()
      assert.deepEqual(await store.setup(), [])
    },
  },
  {
    name: 'a URI, where there is one, ends with the key as it is',
    run: async (store) => {
      const uri = store.uri('bronze/Ärger 1+1/100%.csv')
      if (uri !== undefined) assert.match(uri, /^[a-z0-9]+:\/\/.*\/bronze\/Ärger 1\+1\/100%\.csv$/)
    },
  },
]
