import { hash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { parse, print } from 'graphql'
import { GoldgateError } from '../../resolvers/index.js'
import { isRecord } from './questions/plain-question.js'

/** Stored documents by their SHA-256 in hexadecimal digits. */
export type StoredDocuments = ReadonlyMap<string, string>

/** Documents of files, as they are there, and as clients print them: without comments. */
export function storedDocuments(texts: readonly string[]): StoredDocuments {
  const forms = texts.flatMap((text) => [text, text.trim(), print(parse(text))])
  return new Map(forms.map((text) => [hashOf(text), text]))
}

/**
 * Throws OPERATION_NOT_ALLOWED for whatever asks a question of its own: another document, a batch, or the hash of a document that somebody else registered. A page
 * in a browser, which asks nothing, may be opened.
 */
export function checkStored({ method, body, query }: FastifyRequest, stored: StoredDocuments): void {
  const asked = method === 'GET' ? query : body
  if (method === 'GET' && isEmpty(asked)) return
  const asksFor = documentHash(asked)
  if (asksFor !== undefined && stored.has(asksFor)) return
  throw new GoldgateError(
    'OPERATION_NOT_ALLOWED',
    'Only stored operations are answered here: send one unchanged, or ask its address below /api/v1/.',
  )
}

function documentHash(asked: unknown): string | undefined {
  if (!isRecord(asked)) return undefined
  if (asked.query !== undefined) return typeof asked.query === 'string' ? hashOf(asked.query) : undefined
  const extensions = typeof asked.extensions === 'string' ? json(asked.extensions) : asked.extensions
  const persisted = isRecord(extensions) ? extensions.persistedQuery : undefined
  const given = isRecord(persisted) ? persisted.sha256Hash : undefined
  return typeof given === 'string' ? given : undefined
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const hashOf = (text: string): string => hash('sha256', text)
const isEmpty = (value: unknown): boolean => isRecord(value) && Object.keys(value).length === 0
