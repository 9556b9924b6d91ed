import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'
import type { PartName } from '../checks.js'

const named = z.looseObject({ name: z.string() })
const fileOfProfiles = z.object({
  profiles: z.record(
    z.string(),
    z.object({
      control: z.unknown(),
      stores: z.array(named).default([]),
      warehouses: z.record(z.string(), z.unknown()).default({}),
    }),
  ),
})

export interface Variable {
  /** Within the part: `url`, `tls.ca`. */
  readonly key: string
  /** The variable that the file takes its value from. */
  readonly variable: string
}

/**
 * Which settings of a part a valid configuration file takes from the environment: who runs the packaged file has never seen its keys, and has variables to
 * correct. Without their values.
 */
export function variablesOf(
  file: string,
  profile: string,
  { part, name }: Pick<PartName, 'part' | 'name'>,
): readonly Variable[] {
  if (part === 'operations') return []
  const { profiles } = fileOfProfiles.parse(parse(readFileSync(file, 'utf8')))
  const settings = profiles[profile]
  if (part === 'control') return taken(settings?.control, '')
  if (part === 'warehouse') return taken(settings?.warehouses[name], '')
  return taken(
    settings?.stores.find((store) => store.name === name),
    '',
  )
}

/** The problem, and behind it where the settings that it speaks of come from. */
export function withVariables(problem: string, variables: readonly Variable[]): string {
  const words = new Set(problem.match(/[\w.-]*\w/g))
  const meant = variables.filter(({ key }) => words.has(key))
  if (meant.length === 0) return problem
  return `${problem} From the environment: ${meant.map(({ key, variable }) => `${key} is ${variable}`).join(', ')}.`
}

function taken(value: unknown, path: string): Variable[] {
  if (typeof value === 'string') {
    const variable = /\$\{(\w+)/.exec(value)?.[1]
    return variable === undefined || variable === 'GOLDGATE_HOME' ? [] : [{ key: path, variable }]
  }
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => taken(inner, path === '' ? key : `${path}.${key}`))
}
