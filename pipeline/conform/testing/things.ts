import { closedList, date, decimal, integer, optional, required, rowCheck, text } from '../../../models/columns.js'
import type { Entity } from '../../../models/types.js'

/** An entity with one column of each kind of trouble, and a source that fills it from one dataset. */
export const things: Entity = {
  name: 'things',
  description: '',
  key: ['thing_id'],
  columns: [
    required('thing_id', text, ''),
    required('kind', closedList('Kind', ['good', 'bad']), ''),
    required('quantity', integer, ''),
    optional('price', decimal(18, 2), ''),
    { ...optional('total', decimal(18, 2), ''), computed: 'quantity * price' },
    optional('made_on', date, ''),
  ],
  rowChecks: [rowCheck('quantity_positive', 'quantity > 0', ''), rowCheck('price_positive', 'price > 0', '', 'warn')],
}

const columns = '[id, kind, quantity, price, made]'
export const csv = `{ csv: { encoding: utf-8, delimiter: ',', quote: '"', newline: lf, header: true } }`
export const dataset = (format: string, files: string) =>
  `  things: { files: '${files}', format: ${format}, columns: ${columns} }\n`
export const yaml = (format = csv, files = 'things.csv', more = '') =>
  `datasets:\n${dataset(format, files)}entities:\n  things: { from: things, mode: full, sql: things.sql${more} }\n`
export const sql = 'SELECT id AS thing_id, kind, quantity, price, made AS made_on, _line FROM raw.things'
export const good = 'id,kind,quantity,price,made\n1,good,2,1.005,2024-02-29\n2,BAD ,1,,\n'
