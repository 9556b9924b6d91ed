import { z } from 'zod'
import { postgresTls, tlsConflict } from '../../postgresql/tls.js'
import { postgresUrlProblem } from '../../postgresql/url.js'

export const postgresOptions = z
  .strictObject({
    embedded: z.literal(true).optional().describe('Uses the PostgreSQL that Goldgate starts by itself.'),
    database: z.string().min(1).max(63).optional().describe('Database in the embedded server. Default: warehouse.'),
    url: z
      .string()
      .regex(/^postgres(ql)?:\/\//, 'must begin with postgres://')
      .check(({ value, issues }) => {
        const message = postgresUrlProblem(value)
        if (message !== undefined) issues.push({ code: 'custom', input: value, message })
      })
      .optional()
      .describe('Connection URL of a server of your own. Take secrets from the environment.'),
    tls: postgresTls.optional(),
    poolSize: z.int().min(1).max(500).default(10).describe('Connections for reading, at most.'),
    statementTimeoutMs: z
      .int()
      .min(1)
      .max(86_400_000)
      .default(30_000)
      .describe('How long a read may take where the caller says nothing.'),
    lockTimeoutMs: z
      .int()
      .min(100)
      .max(3_600_000)
      .default(60_000)
      .describe(
        'How long the pipeline waits for a table that somebody’s open transaction holds, before it names him and fails.',
      ),
  })
  .check(({ value, issues }) => {
    const wrong = (key: string, message: string) => issues.push({ code: 'custom', input: value, path: [key], message })
    if (value.embedded === undefined && value.url === undefined) wrong('url', 'Give either `embedded: true` or `url`.')
    if (value.embedded !== undefined && value.url !== undefined)
      wrong('url', 'Give `embedded: true` or `url`, not both.')
    if (value.url !== undefined && value.database !== undefined)
      wrong('database', 'Belongs to `embedded: true`; a `url` names its own database.')
    if (value.embedded !== undefined && value.tls !== undefined) wrong('tls', 'Belongs to `url`.')
    const conflict = value.url === undefined ? undefined : tlsConflict(value.url, value.tls)
    if (conflict !== undefined) wrong('tls', conflict)
  })

export type PostgresOptions = z.infer<typeof postgresOptions>
