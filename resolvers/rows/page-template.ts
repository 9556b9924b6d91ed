import { LRUCache } from 'lru-cache'
import { Slot, withoutValues, withValues } from '../../warehouses/compiler/slot.js'
import type { PublishedBuild } from '../../warehouses/contract/builds.js'
import type { Row, Statement, Value } from '../../warehouses/contract/values.js'
import type { Pinned } from '../context/pinned.js'
import type { RequestContext } from '../context/request-context.js'
import {
  type List,
  type ListArguments,
  type PageOfCells,
  type PageStatements,
  pageStatements,
  type ReadyPage,
  readCells,
  readyPage,
} from './list.js'

type Variables = Readonly<Record<string, unknown>>

/** Of templates of one place in a document: builds come and go, and roles and page sizes are few. Statements that take more of it alone are compiled each time. */
export const bytesOfTemplates = 40_000
const bytesOfTemplate = 500
const bytesOfParam = 150
const bytesOfColumn = 100

/** A place in a document that asks for a page. */
export interface TemplatePlace {
  /** Where its variables stand; undefined where they stand for more than values. */
  readonly places: VariablePlaces | undefined
  /** Its argument `warehouse`. */
  readonly warehouse: string | undefined
  argumentsOf(variables: Variables): ListArguments
  listOf(args: ListArguments, context: RequestContext, variables: Variables): List
}

/** How the variables of a place stand there. */
export interface VariablePlaces {
  /** Where columns are compared. */
  readonly slots: readonly string[]
  /** Elsewhere, as numbers. */
  readonly shape: readonly string[]
}

/** What was made of the place once: statements whose values are put in. */
type Template = Pick<ReadyPage, 'page' | 'cell'> & {
  readonly rows: Statement | undefined
  readonly count: Statement | undefined
}

/**
 * Pages of one place in a document. The statement of the first request is used again for all that differ from it by compared values only, for the same
 * caller's rows, warehouse and build; whatever differs by more is read as every page is.
 */
export class PageTemplates {
  private readonly known = new LRUCache<string, Template>({
    maxSize: bytesOfTemplates,
    sizeCalculation: ({ rows, count }) => bytesOfTemplate + bytesOf(rows) + bytesOf(count),
  })

  constructor(private readonly place: TemplatePlace) {}

  /** Throws what `readyPage` throws, and what the warehouse does. */
  async read(variables: Variables, context: RequestContext): Promise<PageOfCells> {
    const name = this.nameOf(variables)
    if (name === undefined) return readCells(await this.generic(variables, context), context)
    const warehouse = context.warehouse(this.place.warehouse)
    const build = context.pinNow(warehouse) ?? (await context.pin(warehouse))
    const key = `${name} ${warehouse.name} ${build.tag} ${context.access.key}`
    const template = this.known.get(key)
    if (!template) return readCells(await this.make(key, variables, context), context)
    const rows = template.rows && withValues(template.rows, variables)
    const count = template.count && withValues(template.count, variables)
    if ((template.rows && !rows) || (template.count && !count))
      return readCells(await this.generic(variables, context), context)
    const generic = () => {
      const list = this.place.listOf(this.place.argumentsOf(variables), context, variables)
      return pageStatements(list, template.page)
    }
    const place = { warehouse, build, exact: false }
    return readCells(new FilledPage(template, place, { rows, count }, generic), context)
  }

  /** Undefined where a value is missing or null, which may be an error, or would be one of many forms. */
  private nameOf(variables: Variables): string | undefined {
    if (!this.place.places) return undefined
    const { slots, shape } = this.place.places
    if (slots.some((slot) => !Object.hasOwn(variables, slot) || !isValue(variables[slot]))) return undefined
    let name = ''
    for (const each of shape) {
      const value = Object.hasOwn(variables, each) ? variables[each] : undefined
      if (typeof value !== 'number') return undefined
      name += `${value} `
    }
    return name
  }

  private async generic(variables: Variables, context: RequestContext): Promise<ReadyPage> {
    const args = this.place.argumentsOf(variables)
    return readyPage(this.place.listOf(args, context, variables), args, context)
  }

  private async make(key: string, variables: Variables, context: RequestContext): Promise<ReadyPage> {
    const slots = (this.place.places?.slots ?? []).map((name) => new Slot(name, variables[name] as NonNullable<Value>))
    const given = { ...variables, ...Object.fromEntries(slots.map((slot) => [slot.name, slot])) }
    const ready = await this.generic(given, context)
    const { page, cell, place } = ready
    const template = { page, cell, rows: ready.rows(place), count: ready.count(place) }
    if (slots.every(({ fits }) => fits))
      this.known.set(key, {
        ...{ page, cell },
        rows: template.rows && withoutValues(template.rows),
        count: template.count && withoutValues(template.count),
      })
    // Compiled once: for this request too, unless another warehouse stands in.
    return {
      ...ready,
      rows: (pinned) => (pinned.build === place.build ? template.rows : ready.rows(pinned)),
      count: (pinned) => (pinned.build === place.build ? template.count : ready.count(pinned)),
    }
  }
}

/** A template with the values of one request. */
class FilledPage implements ReadyPage {
  readonly page: ReadyPage['page']
  readonly cell: ReadyPage['cell']

  constructor(
    template: Template,
    readonly place: ReadyPage['place'],
    private readonly filled: Pick<Template, 'rows' | 'count'>,
    private readonly generic: () => PageStatements,
  ) {
    this.page = template.page
    this.cell = template.cell
  }

  /** Another warehouse that stands in has statements of its own. */
  rows(pinned: Pinned): Statement | undefined {
    return pinned.build === this.place.build ? this.filled.rows : this.generic().rows(pinned)
  }

  count(pinned: Pinned): Statement | undefined {
    return pinned.build === this.place.build ? this.filled.count : this.generic().count(pinned)
  }

  cursorIn(build: PublishedBuild, row: Row): string {
    return this.generic().cursorIn(build, row)
  }
}

const bytesOf = (statement: Statement | undefined): number =>
  statement
    ? 2 * (statement.sql.length + (statement.inReadingOrder?.sql.length ?? 0)) +
      statement.params.length * bytesOfParam +
      statement.columns.length * bytesOfColumn
    : 0

const isValue = (value: unknown): value is NonNullable<Value> =>
  typeof value === 'string' || typeof value === 'bigint' || typeof value === 'boolean'
