/**
 * Works on groups side by side, on the items of a group one after another. When one fails, what has begun is waited for, what has not is
 * left, and the first failure is thrown.
 */
export async function sideBySide<T>(
  groups: readonly (readonly T[])[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  let failed = false
  const settled = await Promise.allSettled(
    groups.map(async (group) => {
      for (const item of group) {
        if (failed) return
        await work(item).catch((error: unknown) => {
          failed = true
          throw error
        })
      }
    }),
  )
  const failure = settled.find((each) => each.status === 'rejected')
  if (failure) throw failure.reason
}
