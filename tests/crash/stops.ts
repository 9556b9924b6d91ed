import type { Durable, DurableWrite } from '../../pipeline/durable.js'

/** Where a runner stops: before or after the n-th time (from 1) that it makes a durable write of this name. */
export interface Stop {
  readonly write: DurableWrite
  readonly nth: number
  readonly when: 'before' | 'after'
  /** Only writes of this warehouse count; without it, all of that name. */
  readonly warehouse?: string
}

export const formatStop = ({ write, nth, when, warehouse = '' }: Stop): string =>
  [when, nth, write, warehouse].join(':')

export function parseStop(text: string): Stop {
  const [when, nth, write, warehouse] = text.split(':')
  if (when !== 'before' && when !== 'after') throw new Error(`${text} is no stop`)
  return { when, nth: Number(nth), write: write as DurableWrite, ...(warehouse ? { warehouse } : {}) }
}

/** Writes through, tells every write, and waits at the stop for SIGUSR2, so that a parent can kill or pause the process exactly there. */
export function stoppingAt(stop: Stop | undefined, tell: (line: string) => void): Durable {
  let made = 0
  const counts = (write: DurableWrite, subject: string): boolean =>
    stop?.write === write && (stop.warehouse === undefined || subject.split(' ')[0] === stop.warehouse)
  return async (write, subject, perform) => {
    if (counts(write, subject)) made += 1
    const isHere = counts(write, subject) && made === stop?.nth
    if (isHere && stop?.when === 'before') await waitThere(tell)
    const result = await perform()
    tell(`WRITE ${write} ${subject}`)
    if (isHere && stop?.when === 'after') await waitThere(tell)
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
