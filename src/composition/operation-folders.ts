import { join } from 'node:path'
import { packageRoot } from '../../warehouses/package-root.js'
import type { Config } from '../config/config.js'

/** Where stored operations are looked for: those that come along first. */
export const operationFolders = ({ gateway }: Config): string[] => [
  join(packageRoot(), 'operations'),
  ...gateway.operations,
]
