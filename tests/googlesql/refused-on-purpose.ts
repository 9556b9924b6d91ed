/** What tests send to see it refused, each with the reason. Whatever else Google's analyzer refuses is a mistake. */
const refused: readonly { readonly sql: RegExp; readonly why: string }[] = [
  { sql: /^SELEC 1$/, why: 'Conformance: a statement that the engine refuses.' },
  { sql: /\bSELECT nothing FROM nowhere\b/, why: 'Conformance: a build whose SELECT is refused.' },
  { sql: /\(SELECT \*, 1 AS extra FROM [^()]+\n\) AS `thing_list`/, why: 'Conformance: a SELECT that is not closed.' },
]

export const isRefusedOnPurpose = (sql: string): boolean => refused.some((each) => each.sql.test(sql))
