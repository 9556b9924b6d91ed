import { createHash } from 'node:crypto'
import { z } from 'zod'
import { answerExtensions } from '../../../resolvers/index.js'
import type { PublishedBuild } from '../../../warehouses/contract/builds.js'
import type { Basis } from './basis.js'

/** Of one `If-None-Match`. */
const maxLength = 4096
const maxTags = 4
/** Builds that a question named, of one tag: each is looked up in the control database. */
const maxNamed = 4

const shape = z.array(z.tuple([z.string(), z.string(), z.string(), z.boolean()])).max(40)
const named = z.tuple([shape, z.array(z.int().min(0)).max(40)])

/**
 * The tag of an answer names the builds it was made from, so that whoever has the answer can be told that it is still right without a warehouse and
 * without a cache: here, in another process, or after a restart. It is weak, since `extensions` says whether a cache was hit.
 */
export function etagOf(key: string, basis: Basis, builds: readonly PublishedBuild[]): string {
  const plain = [
    basis.pinned.map(({ warehouse, buildId, tag, named: isNamed }) => [warehouse, buildId, tag, isNamed]),
    basis.read,
  ]
  return `W/"${Buffer.from(JSON.stringify(plain)).toString('base64url')}.${digest(key, builds)}"`
}

/** The bases of the answers that an `If-None-Match` names, each with its tag. What is not a tag of this gateway is left out. */
export function basesIn(header: string): readonly { readonly etag: string; readonly basis: Basis }[] {
  if (header.length > maxLength) return []
  const tags = header.matchAll(/"([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+"/g)
  return [...tags].slice(0, maxTags).flatMap(([text, encoded = '']) => {
    const parsed = named.safeParse(jsonOf(encoded))
    if (!parsed.success) return []
    const [pinned, read] = parsed.data
    if (pinned.filter(([, , , isNamed]) => isNamed).length > maxNamed) return []
    const basis = {
      pinned: pinned.map(([warehouse, buildId, tag, isNamed]) => ({ warehouse, buildId, tag, named: isNamed })),
      read,
    }
    return { etag: `W/${text}`, basis }
  })
}

/** What is said of the builds is in it (gate, stale, held), so that a change of it is a change of the answer. */
const digest = (key: string, builds: readonly PublishedBuild[]): string =>
  createHash('sha256')
    .update(`${key}\n${JSON.stringify(answerExtensions(builds))}`)
    .digest('base64url')
    .slice(0, 22)

function jsonOf(encoded: string): unknown {
  try {
    return JSON.parse(Buffer.from(encoded, 'base64url').toString('utf8'))
  } catch {
    return undefined
  }
}
