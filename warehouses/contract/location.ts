import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

/*
 * Two names for one place would undo each other's work: what one published the other drops as unknown. So each kind of store and warehouse
 * says from its options where it lies, and two places are compared as text: equal is the same place, a beginning lies around the rest.
 */

/** `file:///where/it/is/` */
export function folderLocation(path: string): string {
  return within(pathToFileURL(resolve(path)).href, [])
}

/** `scheme://host/a/b/`, with one name for this machine however it is written. */
export function serverLocation(scheme: string, host: string, port: string, parts: readonly string[]): string {
  return within(`${scheme}://${hostName(host)}${port === '' ? '' : `:${port}`}`, parts)
}

function within(start: string, parts: readonly string[]): string {
  const inside = parts.filter((part) => part !== '').map((part) => `${part}/`)
  return `${start.replace(/\/+$/, '')}/${inside.join('')}`
}

function hostName(host: string): string {
  const name = host.toLowerCase()
  return name === '' || name === '[::1]' || name === '::1' || /^127(\.\d{1,3}){3}$/.test(name) ? 'localhost' : name
}
