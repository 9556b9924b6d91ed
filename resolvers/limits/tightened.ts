import type { Limits } from './limits.js'

/**
 * The smaller of each: a role never may more than the gateway. A role that may see fewer rows at a time than others does not get all of them at once in an export,
 * unless it says so itself.
 */
export function tightened(gateway: Limits, own: Partial<Limits>): Limits {
  const narrowed = own.maxPageSize !== undefined && own.maxPageSize < gateway.maxPageSize
  const role = narrowed ? { ...own, exportRows: own.exportRows ?? own.maxPageSize } : own
  const keys = Object.keys({ ...gateway, ...role }) as (keyof Limits)[]
  const smaller = keys.flatMap((key) => {
    const given = [gateway[key], role[key]].filter((limit) => limit !== undefined)
    return given.length === 0 ? [] : [[key, Math.min(...given)] as const]
  })
  const limits = { ...gateway, ...Object.fromEntries(smaller) }
  return { ...limits, defaultPageSize: Math.min(limits.defaultPageSize, limits.maxPageSize) }
}
