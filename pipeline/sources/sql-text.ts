/** An identifier in DuckDB SQL. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** Text as a literal of DuckDB SQL. */
export { textLiteral as quoteText } from '../../warehouses/dialect/standard.js'
