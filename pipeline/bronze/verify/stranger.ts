import { parseBatchManifest } from '../batch-manifest.js'
import { batchManifestKey, manifestKey, manifestKindOf } from '../layout.js'
import { parseDelivery } from '../manifest.js'
import { type NamedObject, objectsOfManifest } from '../named-objects.js'
import { isKey } from '../stores/keys.js'

/**
 * What a manifest names that lies in a store although the control database does not know it (another one did, once). Whatever anybody put there may call itself a
 * manifest: it must lie where its own content says, and name nothing but objects of its source. Throws otherwise.
 */
export function objectsOfStranger(key: string, content: string): readonly NamedObject[] {
  const { own, source } = identityOf(key, content)
  if (own !== key || !isKey(key)) throw new Error(`${key} says that it is ${own}`)
  const folders = ['bronze', 'silver', 'quarantine'].map((folder) => `${folder}/${source}/`)
  const named = objectsOfManifest(key, content)
  const foreign = named.find((object) => !isKey(object.key) || !folders.some((folder) => object.key.startsWith(folder)))
  if (foreign) throw new Error(`${key} names ${foreign.key}, which is none of ${source}`)
  return named
}

function identityOf(key: string, content: string): { readonly own: string; readonly source: string } {
  if (manifestKindOf(key) === 'silver') {
    const manifest = parseBatchManifest(content)
    return { own: batchManifestKey(manifest), source: manifest.source }
  }
  const delivery = parseDelivery(content)
  return { own: manifestKey(delivery), source: delivery.source }
}
