import type { Calendar } from './calendar.js'
import type { Row } from './datasets.js'
import { centsText, idMaker, tenThousandthsText } from './numbers.js'
import type { DemoOptions } from './options.js'
import { createRandom, type Random } from './random.js'
import { campaignChannels, campaignNames, places } from './vocabulary.js'

export interface Campaigns {
  readonly count: number
  id(index: number): string
  /** A campaign that runs on `day`, or -1. Days must be asked in ascending order. */
  draw(day: number, random: Random): number
}

const regions = [...new Set(places.map((place) => place.region))]

export function createCampaigns(
  options: DemoOptions,
  calendar: Calendar,
): { campaigns: Campaigns; rows: Iterable<Row> } {
  const count = options.campaigns
  const random = createRandom(options.seed, 'campaigns')
  const id = idMaker('CMP', count, 3)
  const days = calendar.to - calendar.from + 1
  const startDay = new Int32Array(count)
  const endDay = new Int32Array(count)

  function* rows(): Generator<Row> {
    for (let index = 0; index < count; index++) yield campaignRow(index)
  }

  const campaignRow = (index: number): Row => {
    // One start in each of `count` equal parts of the range, so that starts ascend with the index.
    const start = calendar.from + Math.floor(((index + random.next()) * days) / count)
    const end = Math.min(calendar.to, start + random.between(14, 60))
    startDay[index] = start
    endDay[index] = end
    const roi = random.between(-5_000, 60_000)
    return [
      id(index),
      `${random.pick(campaignNames)} ${calendar.dateText(start).slice(0, 4)} #${index + 1}`,
      random.pick(campaignChannels),
      random.chance(0.15) ? null : random.pick(regions),
      centsText(random.between(20, 800) * 10_000),
      random.chance(0.25) ? null : tenThousandthsText(roi),
      calendar.dateText(start),
      calendar.dateText(end),
    ]
  }

  let running: number[] = []
  let next = 0
  let today = Number.NEGATIVE_INFINITY
  const runningOn = (day: number): readonly number[] => {
    if (day === today) return running
    today = day
    running = running.filter((index) => (endDay[index] ?? 0) >= day)
    for (; next < count && (startDay[next] ?? 0) <= day; next++) if ((endDay[next] ?? 0) >= day) running.push(next)
    return running
  }

  return {
    campaigns: {
      count,
      id,
      draw: (day, from) => {
        const candidates = runningOn(day)
        return candidates[from.below(candidates.length)] ?? -1
      },
    },
    rows: rows(),
  }
}
