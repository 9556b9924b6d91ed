const FIRST_QUERY = '{ dailyRevenue(first: 3) { nodes { revenueDate netRevenue completedOrders averageOrderValue } } }'

/** What to open and what to paste, once the gateway at `url` (without a path) listens. */
export function readyLines(url: string, postgresUrlFile?: string): string[] {
  const graphql = new URL('/graphql', url).href
  return [
    '',
    `GraphQL and Sandbox  ${graphql}`,
    `Health               ${new URL('/health/ready', url).href}`,
    ...(postgresUrlFile === undefined ? [] : [`PostgreSQL           psql "$(cat '${postgresUrlFile}')"`]),
    '',
    'A first query to paste:',
    `curl -s ${graphql} -H 'content-type: application/json' -d '${JSON.stringify({ query: FIRST_QUERY })}'`,
    '',
    'Ctrl-C stops everything.',
  ]
}
