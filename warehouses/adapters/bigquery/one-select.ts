/** A text or a name without anything that could end it early. */
const quoted = /'[^'\\\n]*'|`[^`\\\n]*`/g

/**
 * Whether BigQuery can only understand it as one SELECT, which changes nothing. A semicolon may stand in a plain text (digests have one); where there is one at
 * all, whatever else could hide the end of a statement (other quotes, escapes, comments) is refused.
 */
export function isOneSelect(sql: string): boolean {
  if (!/^[\s(]*(SELECT|WITH)\b/i.test(sql)) return false
  return !sql.includes(';') || !/[;"'`\\#]|--|\/\*/.test(sql.includes("'''") ? sql : sql.replaceAll(quoted, ' '))
}
