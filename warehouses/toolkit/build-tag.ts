import type { BuildRef } from '../contract/builds.js'
import { WarehouseError } from '../contract/errors.js'

/** The build's tag, which names tables and files. Throws `WAREHOUSE_ERROR` for a text that could name anything else. */
export function checkedTag(warehouse: string, build: BuildRef): string {
  if (/^[a-z0-9_]{1,36}$/.test(build.tag)) return build.tag
  const message = `${JSON.stringify(build.tag.slice(0, 60))} is not the tag of a build: 1 to 36 of a-z, 0-9 and _.`
  throw new WarehouseError('WAREHOUSE_ERROR', warehouse, message)
}
