/**
 * A shell pattern over `/`-separated relative paths: `*` and `?` stay within one folder, `**` with a slash spans any number of them,
 * `{a,b}` is either, `[` is itself. Case counts.
 */
export function globToRegExp(glob: string): RegExp {
  let pattern = ''
  let depth = 0
  for (let index = 0; index < glob.length; index++) {
    const rest = glob.slice(index)
    if (rest.startsWith('**/')) {
      pattern += '(?:[^/]+/)*'
      index += 2
    } else if (rest.startsWith('**')) {
      pattern += '.*'
      index += 1
    } else if (rest[0] === '*') pattern += '[^/]*'
    else if (rest[0] === '?') pattern += '[^/]'
    else if (rest[0] === '{' && rest.includes('}')) {
      pattern += '(?:'
      depth++
    } else if (rest[0] === '}' && depth > 0) {
      pattern += ')'
      depth--
    } else if (rest[0] === ',' && depth > 0) pattern += '|'
    else pattern += (rest[0] ?? '').replace(/[\\^$.|+()[\]{}]/, '\\$&')
  }
  return new RegExp(`^${pattern}$`, 'u')
}
