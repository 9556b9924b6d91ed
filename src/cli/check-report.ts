import type { CheckReport, PartName, SetupReport } from '../checks.js'
import { oneLine, table } from './format.js'

/** What a check found, for people: a line for each part, and below it one for each problem. */
export function checkLines(report: CheckReport): string[] {
  const lines = report.parts.map(({ problems, found, ...part }) => [
    problems.length === 0 ? 'ok' : 'PROBLEM',
    partCell(part),
    part.kind,
    oneLine(found, 400),
  ])
  return [
    heading(report),
    ...table([], lines)
      .split('\n')
      .flatMap((line, index) => [line, ...(report.parts[index]?.problems ?? []).map(problemLine)]),
  ]
}

export function setupLines(report: SetupReport): string[] {
  const lines = report.parts.map(({ problem, made, ...part }) => [
    problem !== undefined ? 'PROBLEM' : made.length === 0 ? 'there' : 'made',
    partCell(part),
    part.kind,
    oneLine(made.join(' '), 400),
  ])
  return [
    heading(report),
    ...table([], lines)
      .split('\n')
      .flatMap((line, index) => {
        const problem = report.parts[index]?.problem
        return problem === undefined ? [line] : [line, problemLine(problem)]
      }),
  ]
}

const heading = ({ profile, file, home }: { profile: string; file: string; home: string }): string =>
  `Profile ${profile} of ${file}, home ${home}`

function partCell({ part, name }: PartName): string {
  if (part === 'control') return 'control database'
  return part === 'operations' ? 'stored operations' : `${part} ${name}`
}

const problemLine = (problem: string): string => `    - ${oneLine(problem, 1_000)}`
