import type { BigQuery } from '@google-cloud/bigquery'
import type { BigqueryOptions } from './options.js'

/** The official client, loaded only where a BigQuery is configured. It tries nothing again by itself: `Jobs` knows what may be. */
export async function openClient(options: BigqueryOptions): Promise<BigQuery> {
  const { BigQuery: Client } = await import('@google-cloud/bigquery')
  return new Client({
    projectId: options.project,
    ...(options.location === undefined ? {} : { location: options.location }),
    ...(options.apiEndpoint === undefined ? {} : { apiEndpoint: options.apiEndpoint }),
    ...(options.anonymous === true ? { authClient: await noCredentials() } : {}),
    autoRetry: false,
    maxRetries: 0,
  })
}

async function noCredentials() {
  const { PassThroughClient } = await import('google-auth-library')
  return new PassThroughClient()
}
