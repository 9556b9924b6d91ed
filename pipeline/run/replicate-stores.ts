import { folders } from '../bronze/layout.js'
import { StoreError } from '../bronze/object-store.js'
import { type ReplicateProgress, replicate } from '../bronze/replicate.js'
import { ControlError } from '../control/errors.js'
import type { KnownManifest } from '../control/replicas.js'
import type { PipelineStore, RunContext } from '../steps/context.js'
import { runStep, write } from '../steps/step.js'

export interface StoreOutcome {
  readonly store: string
  /** `whole`: it holds everything. `owed`: what is missing is its debt, and a later run pays it. `failed`: the same of a store that is required. */
  readonly outcome: 'whole' | 'owed' | 'failed'
  /** Copied to it in this run. */
  readonly objects: number
  readonly bytes: number
  readonly message?: string
}

/**
 * The first store before anything else: what it owes (it was emptied, or another one was first before) comes from the others. A run that finds it whole
 * says nothing of it.
 */
export async function settleFirst(context: RunContext): Promise<StoreOutcome> {
  const [first] = context.stores
  if (!first) throw new Error('A run has at least one store')
  const isWhole = async () => {
    await forgetLost(context, first)
    return (await context.replicas.debts(first.store.name)).length === 0
  }
  const whole = await isWhole().catch((error: unknown) => {
    rethrowIfOver(context, error)
    return false
  })
  return whole ? { store: first.store.name, outcome: 'whole', objects: 0, bytes: 0 } : bringUpToDate(context, first)
}

/** All other stores side by side; `work` begins when the required ones are up to date, and not at all (undefined) when one of them cannot be. */
export async function withCopies<T>(
  context: RunContext,
  work: () => Promise<T>,
): Promise<{ readonly stores: readonly StoreOutcome[]; readonly result: T | undefined }> {
  const copies = context.stores.slice(1).map((target) => ({ target, outcome: bringUpToDate(context, target) }))
  const all = Promise.allSettled(copies.map(({ outcome }) => outcome))
  try {
    const required = await Promise.all(copies.flatMap(({ target, outcome }) => (target.required ? [outcome] : [])))
    const result = required.some(({ outcome }) => outcome === 'failed') ? undefined : await work()
    return { stores: await Promise.all(copies.map(({ outcome }) => outcome)), result }
  } finally {
    // Nothing is copied any more when the lease is given back.
    await all
  }
}

/**
 * Brings a store up to date with everything that the control database names: what this run made, and what the store owes from earlier ones. A store that is
 * down is an outcome; only a run that is over (cancelled, or its lease lost) throws.
 */
async function bringUpToDate(context: RunContext, target: PipelineStore): Promise<StoreOutcome> {
  const { store, required } = target
  let copied: ReplicateProgress = { objects: 0, bytes: 0 }
  const work = async (progress: (now: ReplicateProgress) => void) => {
    await forgetLost(context, target)
    const debts = await context.replicas.debts(store.name)
    if (debts.length === 0) return undefined
    copied = await pay(context, target, debts, (now) => {
      copied = now
      progress(now)
    })
    return copied
  }
  try {
    await runStep(context, 'replicate', store.name, (progress) => timed(work, progress), true)
    await write(context, 'control.replica', `${store.name} up to date`, () =>
      context.replicas.recordAttempt(context.lease, store.name, undefined),
    )
    return { store: store.name, outcome: 'whole', ...copied }
  } catch (error) {
    rethrowIfOver(context, error)
    const message = `${error instanceof Error ? error.message : String(error)}${await elsewhere(context, store.name, error)}`
    await write(context, 'control.replica', `${store.name} failed`, () =>
      context.replicas.recordAttempt(context.lease, store.name, message),
    )
    return { store: store.name, outcome: required ? 'failed' : 'owed', ...copied, message }
  }
}

/** What to do when what is missing is in a store that this profile does not have. */
async function elsewhere({ replicas, stores }: RunContext, store: string, error: unknown): Promise<string> {
  if (!(error instanceof StoreError) || error.code !== 'NO_GOOD_COPY') return ''
  const here = new Set(stores.map((each) => each.store.name))
  const others = (await replicas.holdersOfDebts(store)).filter((name) => !here.has(name))
  if (others.length === 0) return ''
  return `. It was last written to ${others.join(', ')}, which this profile does not have: run once in a profile with both stores, which copies everything.`
}

/** A store that was emptied owes what it held: it is asked for the newest manifests, and for all of them when one is gone. */
async function forgetLost({ replicas, lease, ...context }: RunContext, { store }: PipelineStore): Promise<void> {
  const newest = await replicas.newestHeld(store.name)
  const found = await Promise.all(newest.map((key) => store.head(key)))
  if (found.every((object) => object !== undefined)) return
  const lost = new Set(await replicas.held(store.name))
  for await (const { key } of store.list(folders.manifests)) lost.delete(key)
  await write({ ...context, replicas, lease }, 'control.replica', `${store.name} lost`, () =>
    replicas.recordLost(lease, store.name, [...lost]),
  )
}

async function pay(
  context: RunContext,
  { store }: PipelineStore,
  debts: readonly KnownManifest[],
  onProgress: (progress: ReplicateProgress) => void,
): Promise<ReplicateProgress> {
  const { replicas, lease, signal, restore } = context
  const heldRuns = await replicas.heldRuns(store.name)
  const sources = new Map(debts.map((manifest) => [manifest.key, manifest]))
  return replicate({
    from: context.stores.map((each) => each.store).filter((each) => each !== store),
    to: store,
    manifests: debts,
    // What an earlier run landed is named by its own manifest.
    isHeld: (object, key) => {
      const manifest = sources.get(key)
      return manifest !== undefined && heldRuns.has(`${manifest.kind} ${object.runId} ${manifest.source}`)
    },
    onManifest: (key) =>
      write(context, 'control.replica', `${store.name} ${key}`, () => replicas.recordHeld(lease, store.name, [key])),
    durable: (name, subject, perform) => write(context, name, subject, perform),
    restore,
    onProgress,
    signal,
  })
}

function rethrowIfOver({ signal }: RunContext, error: unknown): void {
  if (signal.aborted || error instanceof ControlError) throw error
}

type Numbers = ReplicateProgress & { readonly message: string }

/** With the speed, for people. */
async function timed(
  work: (progress: (now: ReplicateProgress) => void) => Promise<ReplicateProgress | undefined>,
  report: (numbers: Numbers) => void,
): Promise<Numbers | undefined> {
  const started = performance.now()
  const told = (now: ReplicateProgress): Numbers => {
    const megabytes = now.bytes / 1_000_000 / Math.max(0.001, (performance.now() - started) / 1_000)
    return { ...now, message: `${now.objects} objects, ${megabytes.toFixed(1)} MB/s` }
  }
  const done = await work((now) => report(told(now)))
  return done && told(done)
}
