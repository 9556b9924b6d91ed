import { GraphQLError, type ValueNode } from 'graphql'

/** What `read` gives; its error says where in the document the value stands. */
export function located<T>(node: ValueNode, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw error instanceof GraphQLError ? new GraphQLError(error.message, { nodes: node }) : error
  }
}
