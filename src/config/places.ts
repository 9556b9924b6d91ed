import { join } from 'node:path'
import { folderLocation, serverLocation } from '../../warehouses/contract/location.js'
import { CONTROL_DATABASE, SYSTEM_DATABASES } from '../embedded-postgres/databases.js'
import type { PluginConfig } from './config.js'
import type { KeyPath, Problem } from './document.js'
import type { Kind } from './kinds.js'

/** A store, a warehouse or something of Goldgate's own, and where it lies. */
export interface Place {
  readonly path: KeyPath
  /** `store "raw"` */
  readonly called: string
  readonly location: string
}

export function placeOfStore(store: PluginConfig, kinds: readonly Kind[], path: KeyPath): Place[] {
  const location = locationOf(store, kinds)
  return location === undefined ? [] : [{ path, called: `store "${store.name}"`, location }]
}

export function placeOfWarehouse(warehouse: PluginConfig, kinds: readonly Kind[], path: KeyPath, home: string): Place {
  const own = folderLocation(join(home, 'warehouses', warehouse.name))
  return { path, called: `warehouse "${warehouse.name}"`, location: locationOf(warehouse, kinds) ?? own }
}

/** What Goldgate has of its own, whatever a profile says: its processes share the home, and the profiles as well. */
export function placesOfHome(home: string): Place[] {
  const own = (folder: string, called: string): Place => ({
    path: [],
    called: `${called} (${join(home, folder)})`,
    location: folderLocation(join(home, folder)),
  })
  return [own('postgres', 'the embedded PostgreSQL'), own('work', 'the folder that runs work in')]
}

/** Two names for one place, or one place inside another: each run would drop there what it made for the other. */
export function placeProblems(places: readonly Place[]): Problem[] {
  return places.flatMap((place, index): Problem[] => {
    const other = places.slice(0, index).find((each) => overlap(each.location, place.location))
    if (other === undefined) return []
    const { location } = other
    const how =
      location === place.location
        ? 'is the same place as'
        : place.location.startsWith(location)
          ? 'lies inside'
          : 'lies around'
    const message = `${place.called} ${how} ${other.called}, and each would remove what the other wrote: give it a place of its own`
    return [{ path: place.path, message }]
  })
}

const overlap = (one: string, other: string): boolean => one.startsWith(other) || other.startsWith(one)

/** Everything else of Goldgate is in the home, also what comes there with a later version. */
export function aroundHomeProblems(places: readonly Place[], home: string): Problem[] {
  return places
    .filter(({ location }) => folderLocation(home).startsWith(location))
    .map(({ path, called }) => {
      const message = `${called} lies in GOLDGATE_HOME (${home}) itself or around it, where everything else of Goldgate is: give it a folder of its own, such as "\${GOLDGATE_HOME}/store"`
      return { path, message }
    })
}

/** Warehouses in the embedded PostgreSQL, in the order of the file. */
export function embeddedDatabases(
  warehouses: readonly PluginConfig[],
  kinds: readonly Kind[],
): { readonly name: string; readonly database: string }[] {
  const server = serverLocation('postgres', 'embedded', '', [])
  return warehouses.flatMap((warehouse) => {
    const location = locationOf(warehouse, kinds)
    if (!location?.startsWith(server)) return []
    return [{ name: warehouse.name, database: location.slice(server.length, -1) }]
  })
}

/** People may read the database of a warehouse: it may be none in which there is something else. */
export function embeddedDatabaseProblems(
  warehouses: readonly PluginConfig[],
  kinds: readonly Kind[],
  holdsControl: boolean,
  base: KeyPath,
): Problem[] {
  const taken = [...(holdsControl ? [CONTROL_DATABASE] : []), ...SYSTEM_DATABASES]
  return embeddedDatabases(warehouses, kinds)
    .filter(({ database }) => taken.includes(database))
    .map(({ name, database }) => {
      const control = holdsControl ? `"${CONTROL_DATABASE}" is the control database, and ` : ''
      const message = `the database "${database}" of the embedded PostgreSQL is taken: ${control}${SYSTEM_DATABASES.map((each) => `"${each}"`).join(', ')} are PostgreSQL's own. Choose another name, or leave it out for "warehouse"`
      return { path: [...base, 'warehouses', name, 'database'], message }
    })
}

const locationOf = ({ kind, options }: PluginConfig, kinds: readonly Kind[]): string | undefined =>
  kinds.find((each) => each.kind === kind)?.location(options)
