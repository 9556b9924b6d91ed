import { z } from 'zod'

export const duckdbOptions = z.strictObject({
  path: z
    .string()
    .min(1)
    .optional()
    .describe('Folder of the warehouse’s files. Default: a folder of its own in the home.'),
  memoryLimitMb: z
    .int()
    .min(64)
    .default(1024)
    .describe(
      'Memory of the engine for reading and, apart from it, for writing; more goes to disk. Exports have up to 256 MB of their own besides.',
    ),
  threads: z.int().min(1).max(1024).optional().describe('Threads of the engine. Default: one for each processor.'),
  statementTimeoutMs: z
    .int()
    .min(1)
    .max(86_400_000)
    .default(30_000)
    .describe('How long a read may take where the caller says nothing.'),
})

export type DuckdbOptions = z.infer<typeof duckdbOptions>
