const grouped = new Intl.NumberFormat('en-US')

/** `20,000` */
export function count(value: number): string {
  return grouped.format(value)
}

/** `1 row`, `20,000 rows` */
export function rows(value: number): string {
  return `${count(value)} ${value === 1 ? 'row' : 'rows'}`
}

/** `512 B`, `1.2 MB`: powers of a thousand. */
export function bytes(value: number): string {
  let amount = value
  for (const unit of ['B', 'kB', 'MB', 'GB']) {
    if (amount < 999.5) return `${unit === 'B' || amount >= 99.95 ? Math.round(amount) : amount.toFixed(1)} ${unit}`
    amount /= 1_000
  }
  return `${amount.toFixed(1)} TB`
}

/** `0.42 s`, `12.3 s`, `2 min 05 s` */
export function seconds(value: number): string {
  if (value < 9.995) return `${value.toFixed(2)} s`
  if (value < 59.95) return `${value.toFixed(1)} s`
  const whole = Math.round(value)
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`
}

/** `2026-11-21 09:06:46` in UTC. */
export function moment(iso: string): string {
  return iso.slice(0, 19).replace('T', ' ')
}

/** Lines with aligned columns, without a trailing newline. Columns of numbers line up on the right. */
export function table(heading: readonly string[], lines: readonly (readonly string[])[], indent = '  '): string {
  const all = heading.length > 0 ? [heading, ...lines] : lines
  const widths = (all[0] ?? []).map((_, column) => Math.max(...all.map((line) => line[column]?.length ?? 0)))
  const numeric = widths.map((_, column) => lines.every((line) => /^[-\d.,]*$/.test(line[column] ?? '')))
  return all
    .map((line) => {
      const cells = widths.map((width, column) => {
        const cell = line[column] ?? ''
        return numeric[column] ? cell.padStart(width) : cell.padEnd(width)
      })
      return (indent + cells.join('  ')).trimEnd()
    })
    .join('\n')
}

/** Text of a row or a message on one line, at most `length` characters, without anything that moves a terminal's cursor. */
export function oneLine(text: string, length = 160): string {
  const visible = text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ').trim()
  return visible.length > length ? `${visible.slice(0, length - 3)}...` : visible
}
