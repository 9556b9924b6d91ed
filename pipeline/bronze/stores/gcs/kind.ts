import { z } from 'zod'
import type { ObjectStoreKind } from '../../object-store.js'
import { type GcsOptions, gcsLocation, gcsOptions } from './options.js'

export const gcsKind: ObjectStoreKind<GcsOptions> = {
  kind: 'gcs',
  parseOptions: (raw) => gcsOptions.parse(raw),
  optionsJsonSchema: () => z.toJSONSchema(gcsOptions, { io: 'input' }),
  location: gcsLocation,
  // The client is loaded when it is needed: it takes longer than all else that a command loads.
  open: async (name, options) => (await import('./open.js')).openGcs(name, options),
}
