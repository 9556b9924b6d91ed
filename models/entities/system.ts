import { date, optional, required, text } from '../columns.js'
import type { Entity } from '../types.js'

/** Silver table of what the pipeline knows about each source. The source is its own key; it has no lineage. */
export const sourcesTable: SystemTable = {
  name: 'sources',
  description: 'The sources of this warehouse: one row per source.',
  key: ['source'],
  columns: [
    required('source', text, 'Name of the source.'),
    required('currency', text, 'Reporting currency (ISO 4217).'),
    required('timezone', text, 'Time zone of the source’s business dates (IANA).'),
    required('country', text, 'Country of the source, for holidays (ISO 3166-1 alpha-2).'),
    optional(
      'as_of',
      date,
      'The date that the data speaks for; NULL while the source has neither a sale nor a return.',
    ),
  ],
}

/** Silver table that tells "no rows" from "not known". */
export const sourceEntitiesTable: SystemTable = {
  name: 'source_entities',
  description: 'Which entities each source fills, even with no rows: one row per source and entity.',
  key: ['source', 'entity'],
  columns: [required('source', text, 'Name of the source.'), required('entity', text, 'Name of the entity.')],
}

/** A Silver table that the pipeline fills itself. `source` is among its columns and its key, and there is no lineage. */
export type SystemTable = Pick<Entity, 'name' | 'description' | 'key' | 'columns'>

export const systemTables: readonly SystemTable[] = [sourcesTable, sourceEntitiesTable]
