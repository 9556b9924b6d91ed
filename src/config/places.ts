import type { PluginConfig } from './config.js'
import type { KeyPath, Problem } from './document.js'
import type { Kind } from './kinds.js'

/** A store or warehouse, and where it lies. */
export interface Place {
  readonly path: KeyPath
  /** `store "raw"` */
  readonly called: string
  readonly location: string
}

export function placeOf(what: string, plugin: PluginConfig, kinds: readonly Kind[], path: KeyPath): Place[] {
  const location = kinds.find(({ kind }) => kind === plugin.kind)?.location(plugin.options)
  return location === undefined ? [] : [{ path, called: `${what} "${plugin.name}"`, location }]
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
