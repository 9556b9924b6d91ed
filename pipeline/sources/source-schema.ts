import { z } from 'zod'
import { isReadableEncoding } from './encodings.js'

const name = z
  .string()
  .regex(/^[a-z][a-z0-9_]*$/, 'must be lower-case letters, digits and _')
  .describe('Lower-case letters, digits and _.')
const plainCharacter = /^[ -~\t]$/

const csv = z
  .strictObject({
    encoding: z
      .string()
      .refine(isReadableEncoding, 'is no encoding that can be read; try utf-8 or windows-1252')
      .describe('A label that iconv knows: utf-8, windows-1252, utf-16le, shift_jis, …'),
    delimiter: z.string().min(1).max(4).describe('Between two fields: one to four characters.'),
    quote: z
      .string()
      .max(1)
      .describe('Around a field that holds a delimiter, quote or line break; empty where fields are never quoted.'),
    escape: z
      .string()
      .length(1)
      .optional()
      .describe('In front of a quote inside a quoted field. Default: the quote itself.'),
    newline: z.enum(['lf', 'crlf']).describe('What ends a record.'),
    header: z.boolean().describe('Whether the first record holds the names of the columns.'),
    gzip: z.boolean().default(false).describe('Whether the file is compressed with gzip.'),
    nullText: z
      .string()
      .default('')
      .describe('A field with exactly this text and no quotes is NULL. Default: the empty field.'),
  })
  .superRefine((dialect, context) => {
    const problem = (key: string, message: string) => context.addIssue({ code: 'custom', path: [key], message })
    if (dialect.quote !== '' && !plainCharacter.test(dialect.quote)) problem('quote', 'must be one ASCII character')
    if (dialect.escape !== undefined && !plainCharacter.test(dialect.escape))
      problem('escape', 'must be one ASCII character')
    if (/[\r\n\0]/.test(dialect.delimiter)) problem('delimiter', 'may hold no line break and no NUL')
    if (/^[A-Za-z0-9]/.test(dialect.delimiter)) problem('delimiter', 'may not begin with a letter or digit')
    if (dialect.quote !== '' && dialect.delimiter.includes(dialect.quote))
      problem('delimiter', 'may not hold the quote')
    if (dialect.escape !== undefined && dialect.delimiter.includes(dialect.escape))
      problem('delimiter', 'may not hold the escape character')
    const special = [dialect.delimiter, dialect.quote].filter((each) => each !== '')
    if (/[\r\n\0]/.test(dialect.nullText) || special.some((each) => dialect.nullText.includes(each)))
      problem('nullText', 'may hold no delimiter, quote, line break or NUL')
  })

const json = z.strictObject({
  gzip: z.boolean().default(false).describe('Whether the file is compressed with gzip.'),
})

const format = z
  .union([
    z.strictObject({ csv }),
    z.strictObject({ json }),
    z.strictObject({ ndjson: json }),
    z.enum(['json', 'ndjson', 'parquet']),
  ])
  .describe('How the files are written. Nothing of it is ever guessed from the files.')

const dataset = z.strictObject({
  files: z
    .string()
    .min(1)
    .describe('Files of the dataset, relative to the data folder of the source; *, ?, ** and {a,b} as in a shell.'),
  format,
  columns: z
    .array(z.string().min(1))
    .min(1)
    .describe('Columns that every file must have; others are ignored. Without a header: all columns, in their order.'),
  optional: z.boolean().default(false).describe('Whether there may be no file at all.'),
})

const entity = z.strictObject({
  from: name.describe('The driving dataset: each of its rows ends as loaded, collapsed, quarantined or filtered.'),
  mode: z
    .enum(['full', 'append'])
    .describe('full: the newest delivery is the truth. append: new files add, the newest version of a key wins.'),
  grouped: z
    .boolean()
    .default(false)
    .describe('Whether the SELECT folds several rows of the driving dataset into one.'),
  sql: z
    .string()
    .regex(/\.sql$/, 'must name a .sql file')
    .describe('File of the SELECT, relative to this folder.'),
  filter: z
    .strictObject({
      where: z
        .string()
        .min(1)
        .describe('SQL over the columns of the driving dataset: rows for which it is true are left out.'),
      because: z.string().min(1).describe('Why.'),
    })
    .optional()
    .describe('Rows of the driving dataset that this entity leaves out on purpose.'),
  maxRejected: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe(
      'Of a full entity: share of the rows that may end in quarantine; with more the source stops and what was there stays.',
    ),
})

/** `sql/sources/<name>/source.yaml`. */
export const sourceDocument = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z][a-z0-9-]*$/, 'must be lower-case letters, digits and -')
      .describe('Name of the source, the same as the folder’s.'),
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code')
      .describe('Reporting currency (ISO 4217); all amounts of the entities are in it.'),
    timezone: z
      .string()
      .refine(isTimezone, 'must be an IANA time zone, as Europe/Oslo')
      .describe('IANA time zone in which business dates are taken.'),
    country: z
      .string()
      .regex(/^[A-Z]{2}$/, 'must be an ISO 3166-1 alpha-2 code')
      .describe('ISO 3166-1 alpha-2, for holidays.'),
    datasets: z
      .record(name, dataset)
      .describe('Raw tables or file families, by name; a SELECT reads them as raw.<name>.'),
    entities: z.record(name, entity).describe('What the source fills: canonical entities by name.'),
  })
  .describe('A source of Goldgate: its datasets, and one SELECT for each entity that it fills.')

export type SourceDocument = z.output<typeof sourceDocument>
export type FormatDocument = z.output<typeof format>

/** JSON Schema of `source.yaml`, so that an editor completes it. */
export function sourceJsonSchema(): Record<string, unknown> {
  return { ...z.toJSONSchema(sourceDocument, { io: 'input' }) }
}

function isTimezone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return /[/]|^UTC$/.test(zone)
  } catch {
    return false
  }
}
