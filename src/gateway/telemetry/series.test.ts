import { Counter, Histogram, Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { CounterSeries, HistogramSeries } from './series.js'

const labelNames = ['route', 'status'] as const
const bounds = [0.1, 1, 2.5]

/** The same of both: what the library itself counts, and what it only reads. */
async function texts(count: (one: (value: number, route: string, status: number) => void) => void) {
  const [own, library] = [new Registry(), new Registry()]
  const settings = (registry: Registry) => ({ help: 'As it is.', labelNames, registers: [registry] })
  const series = new HistogramSeries({ ...settings(own), name: 'seconds' }, bounds)
  const counter = new CounterSeries({ ...settings(own), name: 'total' })
  const histogram = new Histogram({ ...settings(library), name: 'seconds', buckets: bounds })
  const counted = new Counter({ ...settings(library), name: 'total' })
  count((value, route, status) => {
    series.add(value, route, status)
    counter.add(value, route, status)
    histogram.observe({ route, status }, value)
    counted.inc({ route, status }, value)
  })
  return [await own.metrics(), await own.metrics(), await library.metrics()]
}

describe('series', () => {
  it('are read as those that the library counts itself, however often', async () => {
    const [first, second, library] = await texts((one) => {
      for (const value of [0, 0.1, 0.11, 1, 2.4, 2.5, 2.6, 1000]) one(value, '/a', 200)
      one(1.5, '/a', 404)
      one(0.05, '/b', 200)
      one(7, '/b "quoted"\n', 200)
    })
    expect(first).toBe(library)
    expect(second).toBe(library)
  })

  it('are as empty as those of the library before anything happened', async () => {
    const [first, , library] = await texts(() => undefined)
    expect(first).toBe(library)
  })
})
