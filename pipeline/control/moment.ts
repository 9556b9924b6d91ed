/**
 * A moment of this process, by two clocks: the steady one does not go on while a machine sleeps, the other one may be set back. What is over by either of
 * them is over.
 */
export interface Moment {
  readonly steady: number
  readonly wall: number
}

export const now = (): Moment => ({ steady: performance.now(), wall: Date.now() })

export const after = ({ steady, wall }: Moment, ms: number): Moment => ({ steady: steady + ms, wall: wall + ms })

export const isOver = ({ steady, wall }: Moment): boolean => performance.now() >= steady || Date.now() >= wall
