import { type ASTNode, BREAK, Kind, visit } from 'graphql'

/** Whether a variable stands anywhere in one of these places of a document; where none does, they mean the same in every request. */
export function hasVariables(places: readonly ASTNode[]): boolean {
  let found = false
  const see = {
    [Kind.VARIABLE]: () => {
      found = true
      return BREAK
    },
  }
  for (const place of places) visit(place, see)
  return found
}
