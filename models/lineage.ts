import { integer, optional, required, text } from './columns.js'
import type { EntityColumn } from './types.js'

/** In front of the columns of every Silver table. */
export const sourceColumn: EntityColumn = required('source', text, 'The source that the row belongs to.')

/** Behind the columns of every Silver table: where a row came from. Left out when builds are compared. */
export const lineageColumns: readonly EntityColumn[] = [
  optional(
    '_version',
    integer,
    'Version of the row as its mapping states it (microseconds or a number): the highest wins. NULL where the mapping names none.',
  ),
  required('_run', text, 'The run whose landing brought the Bronze object.'),
  required('_object', text, 'Key of the Bronze object.'),
  required('_row', integer, 'Number of the record in the Bronze object, from 1, header not counted.'),
]
