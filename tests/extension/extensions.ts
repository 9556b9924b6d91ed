import { join } from 'node:path'
import { packageRoot } from '../../warehouses/package-root.js'

/** An addition to the house, as the extension table allows it. */
export interface Extension {
  readonly name: string
  /** A folder whose files are laid over the checkout. */
  readonly templates: string
  /** The new files there may be. */
  readonly writes: RegExp
  /** The one file that names it, where there is one. */
  readonly touches?: {
    readonly file: string
    readonly edit: (text: string) => string
    /** What the new entry is called; nothing else may be added there. */
    readonly names: RegExp
  }
}

export const templates = join(packageRoot(), 'tests', 'extension', 'templates')

export const extensions: readonly Extension[] = [
  { name: 'a source', templates: join(templates, 'source'), writes: /^sql\/sources\/acme\/[a-z_]+\.(sql|yaml)$/ },
  {
    name: 'a Gold model',
    templates: join(templates, 'model'),
    writes: /^(sql\/gold\/returns_by_reason\.sql|models\/gold\/returns-by-reason\.ts)$/,
    touches: {
      file: 'models/gold/index.ts',
      edit: listed('goldModels', 'returnsByReason', './returns-by-reason.js'),
      names: /^(returnsByReason|\.\/returns-by-reason\.js)$/,
    },
  },
  {
    name: 'an object store',
    templates: join(templates, 'store'),
    writes: /^pipeline\/bronze\/stores\/gzip(\.test)?\.ts$/,
    touches: {
      file: 'pipeline/bronze/stores/registry.ts',
      edit: listed('objectStoreKinds', 'gzipKind', './gzip.js'),
      names: /^(gzipKind|\.\/gzip\.js)$/,
    },
  },
  {
    name: 'a warehouse',
    templates: join(templates, 'warehouse'),
    writes: /^warehouses\/adapters\/postgres-schemas\/[a-z-]+(\.test)?\.ts$/,
    touches: {
      file: 'warehouses/adapters/registry.ts',
      edit: listed('adapters', 'schemasAdapter', './postgres-schemas/adapter.js'),
      names: /^(schemasAdapter|\.\/postgres-schemas\/adapter\.js)$/,
    },
  },
  { name: 'a check in a file', templates: join(templates, 'check'), writes: /^sql\/checks\/returns_of_reasons\.sql$/ },
]

/** A check as a line of an entity. */
export const checkOfEntity = {
  file: 'models/entities/returns.ts',
  line: `    rowCheck('reason_legible', "return_reason <> '?'", 'A reason says something.', 'warn'),`,
  edit: (text: string) => text.replace('rowChecks: [\n', `rowChecks: [\n${checkOfEntity.line}\n`),
}

/** Written by scripts from the declarations and registries. */
export const generated = {
  scripts: ['scripts/write-schema.ts', 'scripts/write-schemas.ts', 'scripts/write-model-docs.ts'],
  files: ['docs/model.md', 'schema.graphql', 'sql/schemas/goldgate.schema.json'],
}

/** One more entry of the list `list`, with its import. */
function listed(list: string, entry: string, file: string): (text: string) => string {
  return (text) => {
    const entries = new RegExp(`(const ${list}\\b[^=]*= \\[)([^\\]]*?)(,?\\s*\\])`)
    if (!entries.test(text)) throw new Error(`There is no list ${list}`)
    return `import { ${entry} } from '${file}'\n${text.replace(entries, `$1$2, ${entry}$3`)}`
  }
}
