import type { Statement } from '../../warehouses/contract/values.js'
import { Analyzer, type AnalyzerRequest, type Verdict } from './analyzer.js'
import { typeOf } from './schemas.js'

/** A statement, and where a person finds what made it. */
export interface Specimen extends AnalyzerRequest {
  readonly place: string
  /** The columns that whoever asks relies on, by name, type and order. */
  readonly columns?: Statement['columns']
}

export interface Mistake {
  readonly place: string
  readonly sql: string
  readonly reason: string
}

/** What Google's analyzer finds wrong, and answers that are not what the caller was promised. A warning counts: it says that BigQuery may refuse. */
export async function mistakesIn(specimens: readonly Specimen[]): Promise<Mistake[]> {
  const analyzer = new Analyzer()
  try {
    const verdicts = await Promise.all(specimens.map((specimen) => analyzer.ask(specimen)))
    return specimens.flatMap((specimen, index) => {
      const verdict = verdicts[index]
      const reason = verdict === undefined ? 'no answer' : mistakeOf(verdict, specimen.columns)
      return reason === undefined ? [] : [{ place: specimen.place, sql: specimen.sql, reason }]
    })
  } finally {
    analyzer.close()
  }
}

export function mistakeOf(verdict: Verdict, promised: Specimen['columns'] = []): string | undefined {
  if (!verdict.ok) return verdict.error ?? 'refused without a reason'
  if (verdict.warnings.length > 0) return `warning: ${JSON.stringify(verdict.warnings)}`
  const float = [verdict, ...verdict.statements].flatMap((each) => each.columns).find(({ type }) => /FLOAT/.test(type))
  if (float !== undefined) return `${float.name} is a ${float.type}: numbers are never binary floats`
  if (promised.length === 0) return undefined
  const found = verdict.columns.map(({ name, type }) => `${name} ${type}`).join(', ')
  const expected = promised.map(({ name, type }) => `${name} ${typeOf(type)}`).join(', ')
  return found === expected ? undefined : `it answers (${found}), not (${expected})`
}

/** For people: each mistake once, with its places, and the SQL of the first. */
export function describeMistakes(mistakes: readonly Mistake[]): string {
  const byReason = new Map<string, Mistake[]>()
  for (const mistake of mistakes) {
    // The same mistake in many statements differs in where it stands.
    const reason = mistake.reason.replace(/ \[at \d+:\d+\]/g, '')
    byReason.set(reason, [...(byReason.get(reason) ?? []), mistake])
  }
  return [...byReason]
    .map(([, [first, ...rest]]) => {
      const others = rest.slice(0, 5).map((each) => each.place)
      const more = rest.length > others.length ? ` and ${rest.length - others.length} more` : ''
      const also = others.length === 0 ? '' : `\nalso: ${others.join('; ')}${more}`
      return `${first?.place}: ${first?.reason}\n${first?.sql}${also}`
    })
    .join('\n\n')
}
