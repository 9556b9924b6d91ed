import { hash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { GoldgateError } from '../../../resolvers/index.js'

/** Of texts that clients registered; the least used are forgotten, and clients send those again by themselves. */
const maxBytes = 8 * 2 ** 20

/** What a request says of a persisted query: Apollo's protocol, the SHA-256 of the text in place of it or beside it. */
export interface Persisted {
  readonly sha256Hash: string
}

/** Throws BAD_REQUEST for what is none. Undefined where the extensions speak of none. */
export function persistedIn(extensions: Readonly<Record<string, unknown>> | undefined): Persisted | undefined {
  const given = extensions?.persistedQuery
  if (given === undefined || given === null) return undefined
  const { version, sha256Hash } = given as Readonly<Record<string, unknown>>
  if (version === 1 && typeof sha256Hash === 'string' && /^[0-9a-f]{64}$/.test(sha256Hash)) return { sha256Hash }
  throw new GoldgateError(
    'BAD_REQUEST',
    'A persisted query is asked for by `{"persistedQuery": {"version": 1, "sha256Hash": "…"}}` in `extensions`, the hash of its text in 64 hexadecimal digits.',
  )
}

/** Texts by their hash. In the form in which Apollo Server takes a store, which registers what it answers itself. */
export class PersistedQueries {
  /** `stored` are known from the beginning, by their SHA-256, and never forgotten. */
  constructor(private readonly stored: ReadonlyMap<string, string> = new Map()) {}

  private readonly texts = new LRUCache<string, string>({
    maxSize: maxBytes,
    sizeCalculation: (text) => 2 * text.length + 200,
  })

  /** The text that is meant; undefined for a hash that is not known (any more). Throws BAD_REQUEST for the hash of another text. */
  text(query: string | undefined, { sha256Hash }: Persisted): string | undefined {
    const known = this.known(keyOf(sha256Hash))
    if (query === undefined || known === query) return known
    if (hash('sha256', query) === sha256Hash) return query
    throw new GoldgateError('BAD_REQUEST', 'The hash of the persisted query is not that of the query beside it.')
  }

  register({ sha256Hash }: Persisted, text: string): void {
    if (!this.stored.has(sha256Hash)) this.texts.set(keyOf(sha256Hash), text)
  }

  async get(key: string): Promise<string | undefined> {
    return this.known(key)
  }

  async set(key: string, text: string): Promise<void> {
    this.texts.set(key, text)
  }

  async delete(key: string): Promise<boolean> {
    return this.texts.delete(key)
  }

  private known(key: string): string | undefined {
    return this.stored.get(key.slice(prefix.length)) ?? this.texts.get(key)
  }
}

/** As Apollo Server writes it. */
const prefix = 'apq:'
const keyOf = (hash: string): string => `${prefix}${hash}`
