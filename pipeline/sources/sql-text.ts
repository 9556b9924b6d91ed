/** An identifier in DuckDB SQL. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** Text as a literal of DuckDB SQL. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
