import type { Environment } from './interpolate.js'
import { hostProblem, port } from './schema.js'

export interface Overrides {
  readonly values: { readonly host?: string; readonly port?: number }
  readonly problems: readonly string[]
}

/** HOST and PORT, held to the same rules as the keys they override. */
export function hostAndPort(env: Environment, open: boolean): Overrides {
  const problems: string[] = []
  const problem = env.HOST ? hostProblem(env.HOST, open) : undefined
  if (problem !== undefined) problems.push(`the environment variable HOST ("${env.HOST}") ${problem}`)
  const wanted = env.PORT ? port.safeParse(/^\d{1,5}$/.test(env.PORT) ? Number(env.PORT) : Number.NaN) : undefined
  if (wanted?.success === false) {
    problems.push(`the environment variable PORT ("${env.PORT}") is not a port number from 0 to 65535`)
  }
  return {
    values: {
      ...(env.HOST && problem === undefined && { host: env.HOST }),
      ...(wanted?.success && { port: wanted.data }),
    },
    problems,
  }
}
