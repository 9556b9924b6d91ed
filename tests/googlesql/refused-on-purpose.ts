/** What tests send to see it refused, each with the reason. Whatever else Google's analyzer refuses is a mistake. */
const refused: readonly { readonly sql: RegExp; readonly why: string }[] = [
  { sql: /^SELEC 1$/, why: 'Conformance: a statement that the engine refuses is a WAREHOUSE_ERROR.' },
]

export const isRefusedOnPurpose = (sql: string): boolean => refused.some((each) => each.sql.test(sql))
