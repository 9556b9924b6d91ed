const FIRST_QUERY = '{ dailyRevenue(first: 3) { nodes { revenueDate netRevenue completedOrders averageOrderValue } } }'

interface Ready {
  /** Of the gateway that listens, without a path. */
  readonly url: string
  /** Whether there is a playground. */
  readonly landingPage: boolean
  /** Of the embedded PostgreSQL. */
  readonly postgresUrlFile?: string | undefined
}

/** What to open and what to paste. */
export function readyLines({ url, landingPage, postgresUrlFile }: Ready): string[] {
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
    `curl -s ${graphql} -H 'content-type: application/json' -d '${JSON.stringify({ query: FIRST_QUERY })}'`,
    '',
    'Ctrl-C stops everything.',
  ]
}
