import { z } from 'zod'
import { StoreError } from '../../object-store.js'
import { checkKey } from '../keys.js'

/** Where in a bucket the store's keys lie: `a/b`, however its slashes are written. */
export const prefixOption = z
  .string()
  .default('')
  .transform((prefix) => prefix.replace(/^\/+|\/+$/g, ''))
  .superRefine((prefix, context) => {
    try {
      if (prefix !== '') checkKey('', prefix)
    } catch (error) {
      if (!(error instanceof StoreError)) throw error
      context.addIssue({ code: 'custom', message: error.message })
    }
  })
  .describe('Folder in the bucket for everything of this store; default: the whole bucket.')

export const bucketOption = z
  .string('must be the name of a bucket')
  .min(1, 'must be the name of a bucket')
  .describe('Name of the bucket.')
