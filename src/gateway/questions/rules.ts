import { NoSchemaIntrospectionCustomRule, specifiedRules, type ValidationRule } from 'graphql'
import { type Limits, limitsRule, operationKindRule } from '../../../resolvers/index.js'

interface RuleSettings {
  readonly introspection: boolean
}

/** What a document is held against besides the specification. */
export const ownRules = (limits: Limits, { introspection }: RuleSettings): ValidationRule[] => [
  ...(introspection ? [] : [NoSchemaIntrospectionCustomRule]),
  ...[limitsRule(limits), operationKindRule],
]

/** Everything that a document is held against. */
export const rulesOf = (limits: Limits, settings: RuleSettings): ValidationRule[] => [
  ...specifiedRules,
  ...ownRules(limits, settings),
]
