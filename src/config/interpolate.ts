/** Values of the environment; the process's own or a test's. */
export type Environment = Readonly<Record<string, string | undefined>>

export type Interpolated =
  | { readonly text: string; readonly problem?: undefined }
  /** What is wrong, without the value of any variable. */
  | { readonly problem: string }

const PATTERN = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}|\$\{/g

/**
 * Replaces `${NAME}` and `${NAME:-default}` in one string. An unset variable without a default is a problem; one that is set but
 * empty counts as unset where there is a default. Values are taken as they are, never looked through again. `$${` stands for `${`.
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
    if (fallback !== undefined) return value === undefined || value === '' ? fallback : value
    if (value === undefined) {
      problem ??= `the environment variable ${name} is not set: set it, or give a default as \${${name}:-default}`
      return ''
    }
    return value
  })
  return problem === undefined ? { text: replaced } : { problem }
}
