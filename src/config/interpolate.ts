/** Values of the environment; the process's own or a test's. */
export type Environment = Readonly<Record<string, string | undefined>>

export type Interpolated =
  /** `text` is undefined where variables made nothing of it: a value that is not given. */
  | { readonly text: string | undefined; readonly problem?: undefined }
  /** What is wrong, without the value of any variable. */
  | { readonly problem: string }

const PATTERN = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}|\$\{/g

/**
 * Replaces `${NAME}` and `${NAME:-default}` in one string. A variable that is unset or empty is a problem, unless there is a default; `${NAME:-}` is
 * for a value that need not be given. Values are taken as they are, never looked through again. `$${` stands for `${`.
 */
export function interpolate(text: string, env: Environment): Interpolated {
  let problem: string | undefined
  const replaced = text.replace(PATTERN, (whole, name: string | undefined, fallback: string | undefined) => {
    if (whole === '$${') return '${'
    if (name === undefined) {
      problem ??= `"\${" begins no variable: write \${NAME}, \${NAME:-default}, or $\${ for the characters themselves`
      return ''
    }
    const value = env[name]
    if (value !== undefined && value !== '') return value
    if (fallback !== undefined) return fallback
    const state = value === undefined ? 'is not set' : 'is empty'
    problem ??= `the environment variable ${name} ${state}: set it, or give a default as \${${name}:-default}`
    return ''
  })
  if (problem !== undefined) return { problem }
  return { text: replaced === '' && text !== '' ? undefined : replaced }
}
