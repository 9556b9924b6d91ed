/** The one who took the items wants no more of them. */
class Stopped extends Error {}

interface Handover<T> {
  /** What the next item, or the end, is told to. */
  taker: ((end: IteratorResult<T, undefined>) => void) | undefined
  /** What goes on when the taker comes back, or fails when he does not. */
  giver: { go(): void; stop(): void } | undefined
}

/**
 * Items that `work` gives, one at a time: `give` waits until the item was taken and the next one is wanted. So work that holds things for its duration
 * (a connection, a file) can be read like any iterable, and ends before the iteration does, whoever ends it. Throws what `work` throws.
 */
export async function* handedOver<T>(work: (give: (item: T) => Promise<void>) => Promise<void>): AsyncGenerator<T> {
  const between: Handover<T> = { taker: undefined, giver: undefined }
  let stopped = false
  const give = (item: T): Promise<void> => {
    if (stopped) return Promise.reject(new Stopped())
    between.taker?.({ value: item, done: false })
    return new Promise((resolve, reject) => {
      between.giver = { go: resolve, stop: () => reject(new Stopped()) }
    })
  }
  let next = new Promise<IteratorResult<T, undefined>>((resolve) => {
    between.taker = resolve
  })
  const done = work(give).then(
    () => between.taker?.({ value: undefined, done: true }),
    (error: unknown) => {
      between.taker?.({ value: undefined, done: true })
      // Work that was stopped fails in its own words.
      if (!stopped) throw error
    },
  )
  // Looked at where the iteration ends.
  done.catch(() => undefined)
  try {
    for (let taken = await next; taken.done !== true; taken = await next) {
      yield taken.value
      next = new Promise((resolve) => {
        between.taker = resolve
      })
      between.giver?.go()
    }
  } finally {
    stopped = true
    between.giver?.stop()
    await done
  }
}
