import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import { type Environment, interpolate } from './interpolate.js'
import { literalSecret } from './secrets.js'

export type KeyPath = readonly (string | number)[]

export interface Problem {
  /** Of the key concerned. Empty: the file as a whole. */
  readonly path: KeyPath
  readonly message: string
  /** Points at the key instead of at its value. */
  readonly atKey?: boolean
}

interface Place {
  readonly key: number | undefined
  readonly value: number
}

/** Aliases can make a small file endless; a configuration never is. */
const MAX_NODES = 20_000
const MAX_DEPTH = 30
const TOO_LARGE = `more than ${MAX_NODES} values or ${MAX_DEPTH} levels, aliases followed`

const SECOND_DOCUMENT =
  'a second document begins here, and a configuration is one: take out the line "---", or make two files'

/** What a key or an element is that variables made nothing of: as if it were not in the file. */
const NOT_GIVEN = Symbol('not given')

/** A YAML file that remembers where each key stands. */
export class ConfigDocument {
  private readonly lines = new LineCounter()
  private readonly places = new Map<string, Place>()
  private readonly root: Node | null
  private readonly document: ReturnType<typeof parseDocument>
  private nodes = 0
  readonly syntaxProblems: readonly string[]

  constructor(
    private readonly file: string,
    text: string,
  ) {
    this.document = parseDocument(text, { lineCounter: this.lines, prettyErrors: false, version: '1.2' })
    this.root = this.document.contents
    this.syntaxProblems = this.problemsOfSyntax()
  }

  private problemsOfSyntax(): string[] {
    const { errors } = this.document
    // Of what is nested deeper than the stack allows the parser says no more than that, many times.
    const tooDeep = errors.find(({ code }) => code === 'RESOURCE_EXHAUSTION')
    if (tooDeep) return [`${this.at(tooDeep.pos[0])}: ${TOO_LARGE}`]
    if (errors.length === 0 && !isMap(this.root)) return [`${this.at(0)}: ${noKeys(this.root)}`]
    return errors.map(
      ({ code, message, pos }) => `${this.at(pos[0])}: ${code === 'MULTIPLE_DOCS' ? SECOND_DOCUMENT : message}`,
    )
  }

  /**
   * The file as plain data, variables replaced. Only what `wanted` accepts is interpolated and looked at for secrets, so that
   * a variable of a profile that is not in use need not be set.
   */
  plain(
    env: Environment,
    wanted: (path: KeyPath) => boolean,
  ): { readonly value: unknown; readonly problems: readonly Problem[] } {
    const problems: Problem[] = []
    this.nodes = 0
    return { value: this.read(this.root, [], undefined, { env, wanted, problems }), problems }
  }

  /** `file:line:column: key.of.it: message`. Without a place of its own a key is reported at the nearest one around it. */
  describe(problem: Problem): string {
    const name = keyName(problem.path)
    return `${this.at(this.offset(problem))}: ${name === '' ? '' : `${name}: `}${problem.message}`
  }

  private read(node: unknown, path: KeyPath, key: number | undefined, context: ReadContext): unknown {
    this.nodes += 1
    if (this.nodes > MAX_NODES || path.length > MAX_DEPTH) {
      if (!context.problems.some((problem) => problem.message === TOO_LARGE))
        context.problems.push({ path: [], message: TOO_LARGE })
      return undefined
    }
    if (isAlias(node)) {
      this.note(path, key, node.range?.[0])
      return this.read(node.resolve(this.document), path, key, context)
    }
    if (isMap(node)) {
      this.note(path, key, node.range?.[0])
      const entries = node.items.map((pair): [string, unknown] => {
        const name = isScalar(pair.key) ? String(pair.key.value) : String(pair.key)
        const offset = isScalar(pair.key) ? pair.key.range?.[0] : undefined
        // A name that JavaScript's objects take for something else: what it holds would be dropped without a word.
        if (name === '__proto__' && context.wanted([...path, name])) {
          this.note([...path, name], offset, undefined)
          context.problems.push({ path: [...path, name], message: 'can be no name: take another', atKey: true })
        }
        return [name, this.read(pair.value, [...path, name], offset, context)]
      })
      return Object.fromEntries(entries.filter(([, value]) => value !== NOT_GIVEN))
    }
    if (isSeq(node)) {
      this.note(path, key, node.range?.[0])
      const items = node.items.map((item, index) => this.read(item, [...path, index], undefined, context))
      return items.filter((item) => item !== NOT_GIVEN)
    }
    if (!isScalar(node)) {
      this.note(path, key, undefined)
      return null
    }
    this.note(path, key, node.range?.[0])
    if (typeof node.value !== 'string' || !context.wanted(path)) return node.value
    const secret = literalSecret(String(path.at(-1)), node.value)
    if (secret !== undefined) context.problems.push({ path, message: secret })
    const result = interpolate(node.value, context.env)
    if (result.problem === undefined) return result.text ?? NOT_GIVEN
    context.problems.push({ path, message: result.problem })
    return undefined
  }

  private note(path: KeyPath, key: number | undefined, value: number | undefined): void {
    const id = JSON.stringify(path)
    if (!this.places.has(id)) this.places.set(id, { key, value: value ?? key ?? 0 })
  }

  private offset(problem: Problem): number {
    for (let path = problem.path; ; path = path.slice(0, -1)) {
      const place = this.places.get(JSON.stringify(path))
      const own = path.length === problem.path.length
      if (place) return own && !problem.atKey ? place.value : (place.key ?? place.value)
      if (path.length === 0) return 0
    }
  }

  private at(offset: number): string {
    const { line, col } = this.lines.linePos(offset)
    return `${this.file}:${Math.max(line, 1)}:${Math.max(col, 1)}`
  }
}

function noKeys(root: Node | null): string {
  const found = root === null || (isScalar(root) && root.value === null) ? 'holds nothing' : 'holds no keys'
  return `${found}: a configuration has the keys "version" and "profiles". Begin with a copy of the goldgate.yaml that comes with Goldgate`
}

interface ReadContext {
  readonly env: Environment
  readonly wanted: (path: KeyPath) => boolean
  readonly problems: Problem[]
}

/** `profiles.local.stores[0].name` */
function keyName(path: KeyPath): string {
  return path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${part}`))
    .join('')
}
