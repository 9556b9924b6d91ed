/** "YYYY-MM-DD" → the last day of its month. Dates of this form compare as text. */
export function endOfMonth(date: string): string {
  const [year, month] = date.split('-').map(Number)
  if (year === undefined || month === undefined) throw new Error(`Not a date: ${date}`)
  const days = [31, isLeap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
  return `${date.slice(0, 7)}-${String(days)}`
}

/** The first day of the month after. */
export function nextMonth(date: string): string {
  const [year, month] = date.split('-').map(Number)
  if (year === undefined || month === undefined) throw new Error(`Not a date: ${date}`)
  return month === 12
    ? `${String(year + 1).padStart(4, '0')}-01-01`
    : `${date.slice(0, 5)}${String(month + 1).padStart(2, '0')}-01`
}

const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0

/** Any ISO 8601 instant in UTC, with or without a fraction → microseconds written out. */
export function instant(text: string): string {
  const parts = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:\.(\d{1,6}))?Z$/.exec(text)
  if (parts === null) throw new Error(`Not an instant in UTC: ${text}`)
  return `${parts[1]}T${parts[2]}.${(parts[3] ?? '').padEnd(6, '0')}Z`
}
