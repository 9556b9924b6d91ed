import { type DocumentNode, visit } from 'graphql'

/** Whether a document has a directive, which graphql-jit notes in the document itself, or asks the schema, or has an alias like `__proto__`. */
export function isSpecial(document: DocumentNode): boolean {
  let special = false
  visit(document, {
    Directive: () => {
      special = true
    },
    Name: ({ value }) => {
      special ||= value.startsWith('__') && value !== '__typename'
    },
  })
  return special
}
