import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { compareByCodePoint } from './stores/keys.js'

/**
 * The files of a folder that a pattern names, as paths relative to it with `/`, in order by code point. `*` and `?` stand
 * for characters of one name, `**` for any number of folders, `{a,b}` for either; every other character stands for itself.
 * Hidden names are met only by a pattern that writes the dot, folders only by their full name. Empty when the folder
 * does not exist.
 */
export async function filesMatching(directory: string, pattern: string): Promise<string[]> {
  const found = new Set<string>()
  for (const alternative of alternatives(pattern)) {
    const parts = alternative.split('/').filter((part) => part !== '' && part !== '.')
    await collect(directory, '', parts, found)
  }
  return [...found].sort(compareByCodePoint)
}

async function collect(directory: string, folder: string, parts: readonly string[], found: Set<string>): Promise<void> {
  const [part, ...rest] = parts
  if (part === undefined) return
  const path = join(directory, folder)
  if (part === '**') {
    await collect(directory, folder, rest.length > 0 ? rest : ['*'], found)
    for (const entry of await entriesOf(path)) {
      // Links to folders are not followed here: they may lead back.
      if (entry.isDirectory() && !entry.name.startsWith('.'))
        await collect(directory, `${folder}${entry.name}/`, parts, found)
    }
    return
  }
  const wild = /[*?]/.test(part)
  for (const name of wild ? await namesMatching(path, part) : [part]) {
    if (rest.length > 0) await collect(directory, `${folder}${name}/`, rest, found)
    else if (wild ? await isNoFolder(join(path, name)) : await exists(join(path, name))) found.add(folder + name)
  }
}

async function namesMatching(path: string, part: string): Promise<string[]> {
  const matcher = nameMatcher(part)
  const entries = await entriesOf(path)
  return entries.map((entry) => entry.name).filter((name) => matcher.test(name))
}

function nameMatcher(part: string): RegExp {
  const source = [...part].map((character) =>
    character === '*' ? '[^/]*' : character === '?' ? '[^/]' : character.replace(/[\\^$.|+()[\]{}]/, '\\$&'),
  )
  return new RegExp(`^${part.startsWith('.') ? '' : '(?!\\.)'}${source.join('')}$`, 'su')
}

/** Each choice of `{a,b}` written out; one that is never closed stands for itself. */
function alternatives(pattern: string): string[] {
  const choice = /\{([^{}]*,[^{}]*)\}/.exec(pattern)
  if (!choice) return [pattern]
  const before = pattern.slice(0, choice.index)
  const after = pattern.slice(choice.index + choice[0].length)
  return (choice[1] ?? '').split(',').flatMap((each) => alternatives(before + each + after))
}

async function entriesOf(path: string) {
  return readdir(path, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return []
    throw error
  })
}

/** A link that leads nowhere is no folder: whoever reads it should hear of it. */
async function isNoFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => !found.isDirectory(),
    () => true,
  )
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT' && error.code !== 'ENOTDIR',
  )
}
