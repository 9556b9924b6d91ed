import type { Limits } from './limits.js'

/** The smaller of each: a role never may more than the gateway. */
export function tightened(gateway: Limits, role: Partial<Limits>): Limits {
  const keys = Object.keys({ ...gateway, ...role }) as (keyof Limits)[]
  const smaller = keys.flatMap((key) => {
    const given = [gateway[key], role[key]].filter((limit) => limit !== undefined)
    return given.length === 0 ? [] : [[key, Math.min(...given)] as const]
  })
  const limits = { ...gateway, ...Object.fromEntries(smaller) }
  return { ...limits, defaultPageSize: Math.min(limits.defaultPageSize, limits.maxPageSize) }
}
