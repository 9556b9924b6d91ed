import { NoSchemaIntrospectionCustomRule, specifiedRules, type ValidationRule } from 'graphql'
import { type Limits, limitsRule, operationKindRule } from '../../../resolvers/index.js'

/** What a document is held against besides the specification. */
export const ownRules = (limits: Limits): ValidationRule[] => [limitsRule(limits), operationKindRule]

/** Everything that a document is held against. */
export function rulesOf(limits: Limits, { introspection }: { readonly introspection: boolean }): ValidationRule[] {
  return [...specifiedRules, ...(introspection ? [] : [NoSchemaIntrospectionCustomRule]), ...ownRules(limits)]
}
