import type { GraphQLSchema } from 'graphql'
import {
  type Access,
  answerExtensions,
  asKnownTo,
  checkVariables,
  type GatewayServices,
  RequestContext,
} from '../../../resolvers/index.js'
import type { PublishedBuild } from '../../../warehouses/contract/builds.js'
import type { GatewayLogger } from '../logger.js'
import type { Meter } from '../telemetry/meter.js'
import { AnswerCache, type Hit } from './answer-cache.js'
import { type Basis, basisOf, current } from './basis.js'
import type { Answer, Answerer, Preparation, Question } from './contract.js'
import { Documents } from './documents.js'
import { ErrorFormat } from './error-format.js'
import { basesIn, etagOf } from './etag.js'
import { type Executed, Execution } from './execution.js'
import { explained } from './explain.js'
import { keyOf } from './question-key.js'

export interface AnswererSettings {
  readonly services: GatewayServices
  /** The schema that a caller asks by. The same object as long as it is the same schema. */
  readonly schemaOf: (access: Access) => GraphQLSchema
  readonly introspection: boolean
  /** Of the program. */
  readonly version?: string
  readonly logger: GatewayLogger
  /** Bytes of answers that are kept; 0: none. */
  readonly answerBytes: number
  /** Counts looks into the cache of answers. */
  readonly meter?: Meter | undefined
}

export function createAnswerer(settings: AnswererSettings): Answerer {
  const errors = new ErrorFormat(settings.logger, settings.introspection)
  const documents = new Documents({ ...settings, errors })
  return new CachingAnswerer(settings.services, documents, errors, settings.answerBytes, settings.meter)
}

class CachingAnswerer implements Answerer {
  private readonly cache: AnswerCache | undefined
  private readonly execution = new Execution()

  constructor(
    private readonly services: GatewayServices,
    private readonly documents: Documents,
    private readonly errors: ErrorFormat,
    answerBytes: number,
    private readonly meter: Meter | undefined,
  ) {
    this.cache = answerBytes > 0 ? new AnswerCache(answerBytes, services.catalog) : undefined
  }

  prepare(text: string, access: Access): Preparation {
    return this.documents.prepare(text, access)
  }

  async answer(question: Question): Promise<Answer> {
    checkVariables(question.variables, question.caller.access.limits)
    if (question.facts.explain) return await this.explain(question)
    const { fromBuilds } = question.document
    if (!fromBuilds || !this.cache) return await this.execute(question)
    const key = keyOf(question)
    const found = this.cache.get(key, question.caller.access)
    const hit = found instanceof Promise ? await found : found
    this.meter?.cached('body', hit !== undefined)
    return hit ? answerOfHit(key, hit) : await this.execute(question, key)
  }

  async unchanged(question: Question, ifNoneMatch: string): Promise<string | undefined> {
    if (!question.document.fromBuilds || question.facts.explain) return undefined
    checkVariables(question.variables, question.caller.access.limits)
    const key = keyOf(question)
    for (const { etag, basis } of basesIn(ifNoneMatch)) {
      const builds = await current(basis, this.services.catalog)
      const known = builds?.map((build) => asKnownTo(question.caller.access, build))
      if (known && etagOf(key, basis, known) === etag) return etag
    }
    return undefined
  }

  /** With a key, the answer is kept under it where it may be. */
  private async execute(question: Question, key?: string): Promise<Answer> {
    const context = new RequestContext(this.services, question.facts)
    const result = await this.execution.text(question, context, this.errors.of(question.facts.requestId))
    const basis = question.document.fromBuilds && !result.failed ? basisOf(context) : undefined
    if (key !== undefined && basis) this.cache?.set(key, result.body, basis)
    return answerOf(question, result, context, { basis, cache: key === undefined ? 'off' : 'miss' })
  }

  private async explain(question: Question): Promise<Answer> {
    const { document, operationName, variables } = question
    const asked = { ...document, operationName, variables }
    const format = this.errors.of(question.facts.requestId)
    const { status, result, extensions } = await explained(
      asked,
      new RequestContext(this.services, question.facts),
      format,
    )
    return {
      ...{ status, body: Buffer.from(JSON.stringify(result).slice(1, -1)), extensions: JSON.stringify(extensions) },
      ...{ failed: result.errors !== undefined, settled: false },
      etag: () => undefined,
    }
  }
}

function answerOfHit(key: string, { basis, builds, ...written }: Hit): Answer {
  return { status: 200, ...written, failed: false, settled: true, etag: () => etagOf(key, basis, builds) }
}

interface Made {
  readonly basis: Basis | undefined
  readonly cache: 'miss' | 'off'
}

function answerOf(question: Question, result: Executed, context: RequestContext, { basis, cache }: Made): Answer {
  const builds = context.buildsRead()
  const cost = context.costOfAnswer()
  const fallbacks = context.fallbacksUsed()
  const [only, ...more] = builds
  // Who may not know of all sources is told of builds by objects of his own.
  const plain = only && more.length === 0 && fallbacks.length === 0 && !cost && !context.access.sources
  const { status, body, failed } = result
  return {
    status,
    body,
    failed,
    extensions: plain
      ? extensionsOf(only, cache)
      : JSON.stringify({ goldgate: answerExtensions(builds, fallbacks, cache, cost && { cost }) }),
    // Where another warehouse stood in, what the first one was asked besides may still run.
    settled: !failed && fallbacks.length === 0,
    etag: () => basis && etagOf(keyOf(question), basis, builds),
  }
}

/** What was last said of a build that nothing has happened to: it is the same object until something does. */
const said = new WeakMap<PublishedBuild, { readonly cache: Made['cache']; readonly extensions: string }>()

function extensionsOf(build: PublishedBuild, cache: Made['cache']): string {
  const known = said.get(build)
  if (known?.cache === cache) return known.extensions
  const extensions = JSON.stringify({ goldgate: answerExtensions([build], [], cache) })
  said.set(build, { cache, extensions })
  return extensions
}
