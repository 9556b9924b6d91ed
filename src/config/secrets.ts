const SECRET_NAME = /url|uri|dsn|password|passphrase|secret|token|credential|private_?key|access_?key/i
const PASSWORD_IN_URL = /:\/\/[^/?#@:]*:(?!\$\{)[^/?#@]+@|[?&]password=(?!\$\{)[^&]/i

/** Whether the value of a key of this name may hold a secret. */
export function isSecretName(key: string): boolean {
  return SECRET_NAME.test(key)
}

/** What is wrong with the text of a key as the file has it, when it holds a secret itself instead of naming a variable. */
export function literalSecret(key: string, text: string): string | undefined {
  const isAddress = !isSecretName(key) || /url|uri|dsn/i.test(key)
  const holdsSecret = isAddress ? PASSWORD_IN_URL.test(text) : text !== '' && !text.includes('${') && !isPath(text)
  if (!holdsSecret) return undefined
  return `a secret is written in the file: put it into an environment variable and write \${NAME} here`
}

/** A URL keeps host and database, so that a log says where; everything else is hidden. */
export function masked(text: string): string {
  try {
    const url = new URL(text)
    const authority = /:\/\/[^/?#]*/.exec(text)
    // An @ further on: a password with / ? or # in it, not encoded. What reads as the host and the path is then a part of it.
    const isCut = authority === null || text.includes('@', authority.index + authority[0].length)
    if (url.host === '' || isCut) return '***'
    return `${url.protocol}//${url.username || url.password ? '***@' : ''}${url.host}${url.pathname}`
  } catch {
    return '***'
  }
}

/** Text with the passwords of its URLs masked; a URL may stand under any name. */
export function withoutPasswords(text: string): string {
  return text
    .replace(/(:\/\/)[^/?#@\s]*@/g, '$1***@')
    .replace(/([?&](?:password|secret|token|key|signature|sig|x-amz-[a-z-]+)=)[^&#\s]+/gi, '$1***')
}

/** `credentialsFile: /etc/…`: the name of a file is no secret. */
function isPath(text: string): boolean {
  return /^(\.{0,2}|~)\//.test(text)
}
