import { sourceJsonSchema } from '../../pipeline/sources/source-schema.js'
import { configJsonSchema } from './json-schema.js'
import { registeredKinds } from './load-config.js'

export interface JsonSchemaFile {
  /** Relative to the package. */
  readonly path: string
  readonly text: string
}

/** The JSON Schemas of goldgate.yaml and source.yaml as they are committed. */
export function jsonSchemaFiles(): JsonSchemaFile[] {
  const file = (name: string, schema: unknown): JsonSchemaFile => ({
    path: `sql/schemas/${name}.schema.json`,
    text: `${JSON.stringify(schema, null, 2)}\n`,
  })
  return [file('goldgate', configJsonSchema(registeredKinds)), file('source', sourceJsonSchema())]
}
