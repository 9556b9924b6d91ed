import { type ASTVisitor, GraphQLError, type ValidationContext } from 'graphql'

/** Refuses mutations and subscriptions while the schema has none: graphql-js finds that out only when it executes them, and calls it a failure inside. */
export function operationKindRule(context: ValidationContext): ASTVisitor {
  return {
    OperationDefinition(node) {
      if (context.getSchema().getRootType(node.operation)) return
      context.reportError(new GraphQLError(`The schema has no ${node.operation}s; ask with a query.`, { nodes: node }))
    },
  }
}
