import type { NamedObject } from '../named-objects.js'

/** An object that should be in every store. */
export interface ExpectedObject {
  readonly key: string
  readonly bytes: number
  readonly sha256: string
  readonly isManifest: boolean
  /** Names of the stores that should have it by now; the others owe it. */
  readonly dueIn: Set<string>
}

/** Who says what an object is. Where two say different things the greater rank counts. */
export interface Word {
  readonly manifest: string
  readonly rank: number
}

type Content = Pick<NamedObject, 'key' | 'bytes' | 'sha256'>

/** What manifests say of objects, put together: those of the control database in any order, then the others. */
export class Expectations {
  private readonly found = new Map<string, ExpectedObject>()
  private readonly words = new Map<string, Word>()
  private readonly ofStrangers = new Map<string, Content>()
  private readonly disputed = new Set<string>()
  private readonly against = new Map<string, string>()

  get objects(): ReadonlyMap<string, ExpectedObject> {
    return this.found
  }

  /** Where manifests of the control database say different things of an object, in words. */
  get contradictions(): readonly string[] {
    return [...this.against.values()].sort()
  }

  add(object: Content, word: Word, dueIn: readonly string[], isManifest = false): void {
    const before = this.found.get(object.key)
    const heard = this.words.get(object.key)
    const counts = heard === undefined || word.rank > heard.rank
    if (before && heard && !isSameContent(before, object)) {
      this.against.set(object.key, counts ? differs(object, word, before, heard) : differs(before, heard, object, word))
    }
    if (counts) {
      const { key, bytes, sha256 } = object
      this.found.set(key, { key, bytes, sha256, isManifest, dueIn: before?.dueIn ?? new Set() })
      this.words.set(key, word)
    }
    const expected = this.found.get(object.key)
    for (const store of dueIn) expected?.dueIn.add(store)
  }

  /** Whether what the control database knows speaks against a stranger's manifest: then nothing in it is believed. */
  isRefuted(named: readonly Content[]): boolean {
    return named.some((object) => {
      const known = this.words.has(object.key) ? this.found.get(object.key) : undefined
      return known !== undefined && !isSameContent(known, object)
    })
  }

  /** A stranger adds objects and changes none. Of what two strangers say different things nothing is expected: a repair would follow one of them. */
  addOfStranger(object: Content, dueIn: readonly string[], isManifest = false): void {
    const { key, bytes, sha256 } = object
    if (this.disputed.has(key)) return
    const other = this.ofStrangers.get(key)
    if (other && !isSameContent(other, object)) {
      this.disputed.add(key)
      this.found.delete(key)
      return
    }
    if (!this.words.has(key)) this.ofStrangers.set(key, object)
    const expected = this.found.get(key) ?? { key, bytes, sha256, isManifest, dueIn: new Set<string>() }
    this.found.set(key, expected)
    for (const store of dueIn) expected.dueIn.add(store)
  }
}

function isSameContent(a: Content, b: Content): boolean {
  return a.sha256 === b.sha256 && a.bytes === b.bytes
}

function differs(right: Content, { manifest }: Word, wrong: Content, other: Word): string {
  const what = ({ bytes, sha256 }: Content) => `${bytes} bytes with SHA-256 ${sha256}`
  return `${right.key}: ${what(right)} says ${manifest}, which counts; ${what(wrong)} says ${other.manifest}`
}
