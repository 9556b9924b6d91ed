/** The candidate most like `text`, or undefined when none is like it enough to be what somebody meant. */
function nearest(text: string, candidates: Iterable<string>): string | undefined {
  let best: { readonly name: string; readonly edits: number } | undefined
  for (const name of candidates) {
    const edits = distance(text.toLowerCase(), name.toLowerCase())
    if (edits <= Math.max(1, Math.floor(name.length / 3)) && (best === undefined || edits < best.edits))
      best = { name, edits }
  }
  return best?.name
}

/** `; did you mean "port"?` where one is like it, else nothing. */
export function didYouMean(text: string, candidates: Iterable<string>): string {
  const name = nearest(text, candidates)
  return name === undefined ? '' : `; did you mean "${name}"?`
}

/** `; did you mean "port"?` where one is like it, else `; there are host, port`. */
export function oneOf(text: string, candidates: readonly string[]): string {
  return didYouMean(text, candidates) || (candidates.length > 0 ? `; there are ${candidates.join(', ')}` : '')
}

/** Single-character insertions, deletions, replacements and swaps of neighbours that lead from one text to the other. */
function distance(from: string, to: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[row - 1] === to[column - 1]
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
      current[column] = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
        row > 1 && column > 1 && swapped ? (beforeLast[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      )
    }
    beforeLast = last
    last = current
  }
  return last[to.length] ?? 0
}
