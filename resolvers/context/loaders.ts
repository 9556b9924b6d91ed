import DataLoader from 'dataloader'
import type { Value } from '../../warehouses/contract/values.js'
import { GoldgateError } from '../errors/goldgate-error.js'
import type { Pinned } from './pinned.js'

/** Values of the columns by which a row leads to others. */
export type Key = readonly NonNullable<Value>[]

/** What a field asks of each of its parents. */
export interface ParentsQuestion {
  /** Equal questions have equal names. */
  readonly name: string
  /** Answers all parents at once, one answer for each key. */
  read(pinned: Pinned, keys: readonly Key[]): Promise<readonly (object | null | Error)[]>
}

export const keyText = (key: readonly (Value | undefined)[]): string => JSON.stringify(key.map(String))

/** The loaders of one request: one for each warehouse, build and question, so that many parents cost one statement. */
export class Loaders {
  // Both are made when they are first needed: most requests ask of no parent.
  private questions: WeakMap<object, ParentsQuestion> | undefined
  private loaders: Map<string, DataLoader<Key, object | null, string>> | undefined
  private rowsLeft: number

  /** `rows` that they may read together. */
  constructor(private readonly rows: number) {
    this.rowsLeft = rows
  }

  /** The question of a field, made once for all of its parents: they share the `place`. */
  question(place: object, make: () => ParentsQuestion): ParentsQuestion {
    this.questions ??= new WeakMap()
    const known = this.questions.get(place) ?? make()
    this.questions.set(place, known)
    return known
  }

  load(question: ParentsQuestion, pinned: Pinned, key: Key): Promise<object | null> {
    const name = JSON.stringify([pinned.warehouse.name, pinned.build.buildId, question.name])
    this.loaders ??= new Map()
    const known = this.loaders.get(name)
    if (known) return known.load(key)
    const loader = new DataLoader(async (keys: readonly Key[]) => question.read(pinned, keys), { cacheKeyFn: keyText })
    this.loaders.set(name, loader)
    return loader.load(key)
  }

  /** Counts what a field is about to read. Throws PAGE_TOO_LARGE: lists in lists multiply, and nothing is cut silently. */
  charge(field: string, parents: number, each: number): void {
    const maximum = Math.floor(this.rowsLeft / parents)
    if (each > maximum) {
      const advice =
        maximum > 0 ? `Ask for at most ${maximum} of each, or for fewer rows above it.` : 'Ask for fewer rows above it.'
      throw new GoldgateError(
        'PAGE_TOO_LARGE',
        `\`${field}\` would read ${each} rows for each of ${parents}, and all relations of one request may read ${this.rows} together. ${advice}`,
        { details: { maximum } },
      )
    }
    this.rowsLeft -= parents * each
  }
}
