import { Extensions, Field, InputType, ObjectType } from 'type-graphql'
import type { LogicalType } from '../../models/types.js'
import { withFacts } from './field-facts.js'

/** A class made at run time: its decorators are called as functions, so that a declaration can be turned into types. */
export type GeneratedClass = new () => object

export function namedClass(name: string): GeneratedClass {
  const holder: Record<string, GeneratedClass> = { [name]: class {} }
  return holder[name] as GeneratedClass
}

interface FieldSettings {
  readonly description: string
  /** `items`: the list is there, its items may be NULL. */
  readonly nullable?: boolean | 'items'
  readonly defaultValue?: unknown
  /** Of an object's field with values: exports write them by it. */
  readonly logicalType?: LogicalType
}

export function objectType(name: string, description: string): GeneratedClass {
  const target = namedClass(name)
  // Fields without a resolver of their own are read by graphql-js itself, which is what costs most of a page otherwise.
  ObjectType(name, { description, simpleResolvers: true })(target)
  return target
}

export function inputType(name: string, description: string): GeneratedClass {
  const target = namedClass(name)
  InputType(name, { description })(target)
  return target
}

/** `type` is given late, so that types can name each other and themselves; `[Type]` is a list. */
export function addField(target: GeneratedClass, name: string, type: () => object, settings: FieldSettings): void {
  const { logicalType, ...field } = settings
  Field(type, { ...field, nullable: settings.nullable ?? false })(target.prototype, name)
  if (logicalType) Extensions(withFacts({ logicalType }))(target.prototype, name)
}
