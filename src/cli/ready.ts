import type { AuthenticationConfig } from '../config/config.js'

const FIRST_QUERY = '{ dailyRevenue(first: 3) { nodes { revenueDate netRevenue completedOrders averageOrderValue } } }'

/** For a day, since it may read everything. */
const MAKE_KEY = 'GOLDGATE_KEY="$(npx goldgate keys create \'first query\' --role unrestricted --expires 1d)"'
const TAKE_TOKEN = 'GOLDGATE_KEY=… # a token of the issuer in gateway.authentication.jwt'
const KEY_HEADER = ' -H "authorization: Bearer $GOLDGATE_KEY"'

interface Ready {
  /** Of the gateway that listens, without a path. */
  readonly url: string
  /** Whether there is a playground. */
  readonly landingPage: boolean
  readonly authentication: AuthenticationConfig
  /** Of the embedded PostgreSQL. */
  readonly postgresUrlFile?: string | undefined
}

/** What to open and what to paste. */
export function readyLines({ url, landingPage, authentication, postgresUrlFile }: Ready): string[] {
  const { keys, jwt, anonymous } = authentication
  const isKeyAsked = (keys || jwt !== undefined) && anonymous === undefined
  const graphql = new URL('/graphql', url).href
  return [
    '',
    ...(landingPage ? [`Playground      ${new URL('/playground', url).href}`] : []),
    `REST endpoints  ${new URL('/api', url).href}`,
    `GraphQL         ${graphql}`,
    `Health          ${new URL('/health/ready', url).href}`,
    ...(postgresUrlFile === undefined ? [] : [`PostgreSQL      psql "$(cat '${postgresUrlFile}')"`]),
    '',
    'A first query to paste:',
    ...(isKeyAsked ? [keys ? MAKE_KEY : TAKE_TOKEN] : []),
    `curl -s ${graphql}${isKeyAsked ? KEY_HEADER : ''} -H 'content-type: application/json' -d '${JSON.stringify({ query: FIRST_QUERY })}'`,
    '',
    'Ctrl-C stops everything.',
  ]
}
