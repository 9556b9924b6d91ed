import { serverLocation } from '../contract/location.js'

/** What is wrong with the URL of a database, without repeating it: undefined when nothing is. */
export function postgresUrlProblem(url: string): string | undefined {
  if (!/^postgres(ql)?:\/\//.test(url)) return 'must begin with postgres://'
  // Behind an @ in the path, or in what comes right behind the host, the rest of a password was taken for something else.
  const isCut = /^\w+:\/\/[^/?#]*(\/[^?]*@|[?#].*@)/.test(url)
  if (!isCut && parsed(url) !== undefined) return undefined
  return 'cannot be read: write postgres://user:password@host:port/database, with a port up to 65535, and in user and password %2F for /, %3A for :, %40 for @, %23 for #, %3F for ?, %25 for %'
}

/** Where the database lies, as the driver reads the URL: the query goes before the host and the port. */
export function postgresLocation(url: string): string {
  const read = parsed(url)
  if (read === undefined) return url
  const { hostname, port, pathname, username, searchParams } = read
  const database = pathname.length > 1 ? pathname.slice(1) : username
  const host = searchParams.get('host') ?? decoded(hostname)
  return serverLocation('postgres', host, searchParams.get('port') ?? (port || '5432'), [decoded(database)])
}

/** The driver also takes a user without a host, for a socket. */
function parsed(url: string): URL | undefined {
  const complete = url.replace(/^(\w+:\/\/[^/?#]*@)(?=[/?#]|$)/, '$1localhost')
  return URL.canParse(complete) ? new URL(complete) : undefined
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
