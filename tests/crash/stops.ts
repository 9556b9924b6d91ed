import type { Durable, DurableWrite } from '../../pipeline/durable.js'

/** Where a runner stops: before or after the n-th time (from 1) that it makes a durable write of this name. */
export interface Stop {
  readonly write: DurableWrite
  readonly nth: number
  readonly when: 'before' | 'after'
}

export const formatStop = ({ write, nth, when }: Stop): string => `${when}:${nth}:${write}`

export function parseStop(text: string): Stop {
  const [when, nth, write] = text.split(':')
  if (when !== 'before' && when !== 'after') throw new Error(`${text} is no stop`)
  return { when, nth: Number(nth), write: write as DurableWrite }
}

/** Writes through, tells every write, and waits at the stop for SIGUSR2, so that a parent can kill or pause the process exactly there. */
export function stoppingAt(stop: Stop | undefined, tell: (line: string) => void): Durable {
  const made = new Map<DurableWrite, number>()
  return async (write, subject, perform) => {
    const nth = (made.get(write) ?? 0) + 1
    made.set(write, nth)
    const isHere = stop?.write === write && stop.nth === nth
    if (isHere && stop.when === 'before') await waitThere(tell)
    const result = await perform()
    tell(`WRITE ${write} ${subject}`)
    if (isHere && stop.when === 'after') await waitThere(tell)
    return result
  }
}

function waitThere(tell: (line: string) => void): Promise<void> {
  return new Promise((goOn) => {
    // Keeps the process alive until it is killed or told to go on.
    const alive = setInterval(() => {}, 60_000)
    process.once('SIGUSR2', () => {
      clearInterval(alive)
      goOn()
    })
    tell('STOPPED')
  })
}
