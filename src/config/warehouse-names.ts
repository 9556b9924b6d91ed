import type { KeyPath, Problem } from './document.js'
import { oneOf } from './nearest.js'
import type { ProfileFile } from './schema.js'

/** Every place of a profile that names a warehouse must name one that is there. */
export function warehouseNameProblems(settings: ProfileFile, defaultWarehouse: string, base: KeyPath): Problem[] {
  const names = Object.keys(settings.warehouses)
  const unknown = (name: string, ...path: string[]): Problem[] =>
    names.includes(name)
      ? []
      : [{ path: [...base, ...path], message: `there is no warehouse "${name}"${oneOf(name, names)}` }]
  const { fallback, aliases } = settings.gateway
  return [
    ...unknown(defaultWarehouse, 'defaultWarehouse'),
    ...Object.entries(fallback).flatMap(([from, to]) => [
      ...unknown(from, 'gateway', 'fallback', from).map((problem) => ({ ...problem, atKey: true })),
      ...unknown(to, 'gateway', 'fallback', from),
      ...(from === to
        ? [{ path: [...base, 'gateway', 'fallback', from], message: 'a warehouse cannot stand in for itself' }]
        : []),
    ]),
    ...Object.entries(aliases).flatMap(([alias, to]) => [
      ...unknown(to, 'gateway', 'aliases', alias),
      ...(names.includes(alias)
        ? [
            {
              path: [...base, 'gateway', 'aliases', alias],
              atKey: true,
              message: `"${alias}" is a warehouse itself: choose another alias`,
            },
          ]
        : []),
    ]),
  ]
}
