/** What the configuration needs to know of a kind of store or warehouse; the registries hold them. */
export interface Kind {
  readonly kind: string
  /** Throws a ZodError that names the option. An option that is a path takes a relative one too; the last call has it absolute. */
  parseOptions(raw: unknown): unknown
  optionsJsonSchema(): Record<string, unknown>
  /** Ends in `/`; a location that begins with another lies inside it. Undefined: of a store, nobody else can lie there; a warehouse is in the folder of its name. */
  location(options: unknown): string | undefined
}

export interface Kinds {
  readonly stores: readonly Kind[]
  readonly warehouses: readonly Kind[]
}
