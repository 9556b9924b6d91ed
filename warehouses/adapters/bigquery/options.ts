import { z } from 'zod'
import { serverLocation } from '../../contract/location.js'

/** What it holds is shown by every error that names it. An @ may also stand behind a password that was not encoded. */
const endpoint = z
  .url({ protocol: /^https?$/, error: 'must be a URL such as http://127.0.0.1:9050' })
  .refine((url) => !url.includes('@'), 'must not hold credentials')

/** What BigQuery takes as a label: lower case, digits, _ and -. */
const label = z.string().regex(/^[a-z0-9_-]{0,63}$/, 'must be at most 63 of a-z, 0-9, _ and -')

export const bigqueryOptions = z
  .strictObject({
    project: z
      .string()
      .regex(/^([a-z0-9.-]+:)?[a-z0-9-]{1,63}$/, 'must be a project id')
      .describe('Project that holds the dataset and pays for the jobs.'),
    dataset: z
      .string()
      .regex(/^\w{1,1024}$/, 'must be letters, digits and _')
      .describe('Dataset that holds everything of this warehouse.'),
    location: z
      .string()
      .min(1)
      .optional()
      .describe('Where the dataset is and jobs run: EU, US, europe-west3… Absent = US.'),
    staging: z
      .string()
      .regex(/^gs:\/\/[a-z0-9._-]+(\/.*)?$/, 'must be gs://bucket/prefix')
      .optional()
      .describe(
        'Where batches are put for load jobs that find them in no other gs:// place. Absent = they are uploaded.',
      ),
    stagingApiEndpoint: endpoint.optional().describe('Address of the GCS emulator that `staging` lies in.'),
    maxBytesBilled: z
      .int()
      .min(10_485_760)
      .optional()
      .describe('A read that would be billed for more bytes fails and costs nothing. Absent = no limit.'),
    labels: z
      .record(z.string().regex(/^[a-z][a-z0-9_-]{0,62}$/, 'must be a label’s key'), label)
      .default({})
      .describe('Labels of all jobs and tables, besides those of Goldgate.'),
    statementTimeoutMs: z
      .int()
      .min(1)
      .max(21_600_000)
      .default(30_000)
      .describe('How long a read may take where the caller says nothing.'),
    transientDays: z
      .number()
      .min(0.05)
      .max(365)
      .default(7)
      .describe('Landing tables that nobody merged are dropped by BigQuery after as many days.'),
    apiEndpoint: endpoint.optional().describe('Address of an emulator or a private endpoint.'),
    anonymous: z.boolean().optional().describe('Sends no credentials: for an emulator.'),
  })
  .check(({ value, issues }) => {
    if (value.anonymous === true && value.apiEndpoint === undefined)
      issues.push({
        code: 'custom',
        input: value,
        path: ['anonymous'],
        message: 'Belongs to `apiEndpoint`: BigQuery itself takes nobody without credentials.',
      })
  })

export type BigqueryOptions = z.infer<typeof bigqueryOptions>

/** Projects are the same ones behind each of Google's endpoints. */
export function bigqueryLocation({ project, dataset, apiEndpoint }: BigqueryOptions): string {
  const { hostname, port } = new URL(apiEndpoint ?? 'https://bigquery.googleapis.com')
  const host = /\.googleapis\.com$/.test(hostname) ? 'googleapis.com' : hostname
  return serverLocation('bigquery', host, port, [project, dataset])
}
