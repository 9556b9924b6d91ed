import autocannon from 'autocannon'

export const CONNECTIONS = 16
const SECONDS = 5

export interface Contender {
  readonly name: string
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  /** Body of the next request. */
  readonly next: () => string
  /** Throws for an answer that is wrong. Left out: only the status is looked at. */
  readonly check?: (body: string) => void
}

/** Answers a second. Throws when one of them failed or was wrong. */
async function fire({ name, url, headers, next, check }: Contender): Promise<number> {
  let wrong: unknown
  const result = await autocannon({
    url,
    connections: CONNECTIONS,
    duration: SECONDS,
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    requests: [
      {
        setupRequest: (request) => ({ ...request, body: next() }),
        onResponse(_, body) {
          try {
            check?.(body)
          } catch (error) {
            wrong ??= error
          }
        },
      },
    ],
  })
  if (wrong) throw wrong
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${name}: ${result.non2xx} answers were no success, ${result.errors} errors`)
  return result.requests.average
}

/** The better one of each contender's rounds, in which they take turns. */
export async function bestOf(
  contenders: readonly Contender[],
  rounds: number,
  say: (line: string) => void,
): Promise<readonly number[]> {
  const best = contenders.map(() => 0)
  for (let round = 0; round < rounds; round += 1) {
    for (const [i, contender] of contenders.entries()) {
      const perSecond = await fire(contender)
      say(`${contender.name}: ${Math.round(perSecond)} answers/s`)
      best[i] = Math.max(best[i] ?? 0, perSecond)
    }
  }
  return best
}

export async function answerTo({ url, headers }: Pick<Contender, 'url' | 'headers'>, body: string): Promise<string> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  })
  return response.text()
}
