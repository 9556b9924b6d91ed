/** Days are counted from 1970-01-01; instants are whole seconds from 1970-01-01T00:00:00Z. */
const daySeconds = 86_400

const two = Array.from({ length: 100 }, (_, n) => String(n).padStart(2, '0'))

/** The day of a "YYYY-MM-DD" from 1990 to 2199, undefined for anything else. */
export function dayOf(text: string): number | undefined {
  if (!/^(199\d|2[01]\d\d)-\d\d-\d\d$/.test(text)) return undefined
  const day = Date.parse(`${text}T00:00:00Z`) / (daySeconds * 1000)
  return Number.isInteger(day) && dateText(day) === text ? day : undefined
}

export function dateText(day: number): string {
  return new Date(day * daySeconds * 1000).toISOString().slice(0, 10)
}

/** 0 is Monday. */
export function weekdayOf(day: number): number {
  return (((day + 3) % 7) + 7) % 7
}

/** 0 is January. */
export function monthOf(day: number): number {
  return new Date(day * daySeconds * 1000).getUTCMonth()
}

/** The days of a range in one time zone. Offsets and texts are worked out once per day, never per row. */
export interface Calendar {
  readonly from: number
  readonly to: number
  /** The first instant of a local day, from `from` to `to + 1`. */
  midnight(day: number): number
  dateText(day: number): string
  /** "2024-01-31T14:05:09Z". */
  timestampText(instant: number): string
}

export function createCalendar(from: number, to: number, timezone: string): Calendar {
  const offsetAt = zoneOffset(timezone)
  const midnights = new Float64Array(to - from + 2)
  for (let day = from; day <= to + 1; day++) {
    const utcMidnight = day * daySeconds
    // The offset at UTC midnight may already be the next one; the one at the first guess is that of the local midnight.
    midnights[day - from] = utcMidnight - offsetAt(utcMidnight - offsetAt(utcMidnight))
  }
  const firstText = from - 1
  const texts = Array.from({ length: to - from + 4 }, (_, index) => dateText(firstText + index))
  const textOf = (day: number): string => texts[day - firstText] ?? dateText(day)

  return {
    from,
    to,
    midnight: (day) => midnights[day - from] ?? Number.NaN,
    dateText: textOf,
    timestampText: (instant) => {
      const day = Math.floor(instant / daySeconds)
      const second = instant - day * daySeconds
      const hour = (second / 3600) | 0
      const minute = ((second - hour * 3600) / 60) | 0
      return `${textOf(day)}T${two[hour]}:${two[minute]}:${two[second % 60]}Z`
    },
  }
}

/** Seconds that local time is ahead of UTC at an instant. */
function zoneOffset(timezone: string): (instant: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  return (instant) => {
    const part = { year: 0, month: 0, day: 0, hour: 0, minute: 0, second: 0 }
    for (const { type, value } of format.formatToParts(instant * 1000)) {
      if (type in part) part[type as keyof typeof part] = Number(value)
    }
    const local = Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second) / 1000
    return local - instant
  }
}
