import { isoTimestamp } from './iso-timestamp.js'
import type { Mapping } from './mapping.js'
import { quoteText } from './sql-text.js'

/**
 * The macros that a SELECT of a mapping may use, beside DuckDB's own functions. They take text and return text. What they cannot
 * read they return as it is, so that the cast to the entity's type rejects that row with its reason: nothing turns into NULL unseen.
 */
export function mappingMacros(mapping: Pick<Mapping, 'currency' | 'timezone'>): readonly string[] {
  return [
    `source_timezone() AS ${quoteText(mapping.timezone)}`,
    `source_currency() AS ${quoteText(mapping.currency)}`,
    `blank_to_null(t) AS nullif(trim(t), '')`,
    `parse_date(t, format) AS coalesce(strftime(CAST(try_strptime(trim(t), format) AS DATE), '%Y-%m-%d'), t)`,
    `parse_timestamp(t, format, zone) AS coalesce(${instant('try_strptime(trim(t), format)', 'zone')}, t)`,
    `local_midnight(t, zone) AS coalesce(${instant('CAST(try_cast(t AS DATE) AS TIMESTAMP)', 'zone')}, t)`,
    `local_date(t, zone) AS CASE WHEN regexp_full_match(t, ${isoTimestamp})
       THEN coalesce(strftime(try_cast(t AS TIMESTAMPTZ) AT TIME ZONE zone, '%Y-%m-%d'), t) ELSE t END`,
    `parse_decimal(t, mark) AS CASE
       WHEN t IS NULL THEN NULL
       WHEN mark = ',' THEN ${amount('t', '\\.', ',')}
       ELSE ${amount('t', ',', '\\.')} END`,
    "parse_money(t) AS parse_decimal(t, '.')",
    `parse_integer(t) AS CASE WHEN regexp_full_match(parse_decimal(t, '.'), '[+-]?[0-9]+(\\.0*)?')
       THEN regexp_replace(parse_decimal(t, '.'), '\\..*$', '') ELSE t END`,
  ].map((macro) => `CREATE MACRO ${macro}`)
}

/** Local wall-clock time in a zone, as the text of a UTC instant. */
function instant(local: string, zone: string): string {
  return `strftime((${local} AT TIME ZONE ${zone}) AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ')`
}

/** Plain decimal text without currency sign, blanks and thousands separators; the text itself where the separators stand wrong. */
function amount(text: string, group: string, mark: string): string {
  const compact = `regexp_replace(regexp_replace(${text}, '[\\s\\x{00A0}\\x{202F}\\p{Sc}]', '', 'g'), '^\\((.*)\\)$', '-\\1')`
  const shape = `'[+-]?([0-9]{1,3}(${group}[0-9]{3})+|[0-9]+)(${mark}[0-9]*)?'`
  const plain = `replace(replace(${compact}, ${quoteText(group.replace('\\', ''))}, ''), ${quoteText(mark.replace('\\', ''))}, '.')`
  return `CASE WHEN regexp_full_match(${compact}, ${shape}) THEN ${plain} ELSE ${text} END`
}
