import { z } from 'zod'
import type { ObjectStoreKind } from '../../object-store.js'
import { type S3Options, s3Location, s3Options } from './options.js'

export const s3Kind: ObjectStoreKind<S3Options> = {
  kind: 's3',
  parseOptions: (raw) => s3Options.parse(raw),
  optionsJsonSchema: () => z.toJSONSchema(s3Options, { io: 'input' }),
  location: s3Location,
  // The SDK is loaded when it is needed: it takes longer than all else that a command loads.
  open: async (name, options) => (await import('./open.js')).openS3(name, options),
}
