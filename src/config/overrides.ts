import type { Environment } from './interpolate.js'
import { loopbackHost, port } from './schema.js'

export interface Overrides {
  readonly values: { readonly host?: string; readonly port?: number }
  readonly problems: readonly string[]
}

/** HOST and PORT, held to the same rules as the keys they override. */
export function hostAndPort(env: Environment): Overrides {
  const problems: string[] = []
  const host = env.HOST ? loopbackHost.safeParse(env.HOST) : undefined
  if (host?.success === false) {
    problems.push(`the environment variable HOST ("${env.HOST}") ${host.error.issues[0]?.message}`)
  }
  const wanted = env.PORT ? port.safeParse(/^\d{1,5}$/.test(env.PORT) ? Number(env.PORT) : Number.NaN) : undefined
  if (wanted?.success === false) {
    problems.push(`the environment variable PORT ("${env.PORT}") is not a port number from 0 to 65535`)
  }
  return {
    values: { ...(host?.success && { host: host.data }), ...(wanted?.success && { port: wanted.data }) },
    problems,
  }
}
