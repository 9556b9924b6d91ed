import { hasAllColumns, isReadable } from '../../warehouses/compiler/is-readable.js'
import type { WarehouseError } from '../../warehouses/contract/errors.js'
import { GoldgateError } from '../errors/goldgate-error.js'
import type { Limits } from '../limits/limits.js'
import { answersInTime } from './answers-in-time.js'
import type { Pinned } from './pinned.js'
import type { GatewayServices } from './services.js'

/** What a warehouse failed with, as a client can use it: what it means, and what to do. */
export class Failures {
  constructor(
    private readonly services: Pick<GatewayServices, 'models' | 'warehouses'>,
    private readonly limits: Pick<Limits, 'statementTimeoutMs'>,
  ) {}

  async told(error: WarehouseError, pinned?: Pinned): Promise<Error> {
    const { warehouse } = error
    switch (error.code) {
      case 'STATEMENT_TIMEOUT':
        return new GoldgateError(
          'STATEMENT_TIMEOUT',
          `Warehouse ${warehouse} worked on this field for more than ${this.limits.statementTimeoutMs / 1000} s and was stopped. ` +
            'Narrow `where`, ask for a smaller page, or leave out `totalCount`.',
          { details: { warehouse } },
        )
      case 'OUT_OF_MEMORY':
        return new GoldgateError(
          'WAREHOUSE_OUT_OF_MEMORY',
          `Warehouse ${warehouse} had not memory enough for this field. Narrow \`where\`, group by fewer dimensions, or ask for the default order.`,
          { cause: error, details: { warehouse } },
        )
      case 'OUT_OF_RANGE':
        return new GoldgateError(
          'NUMBER_OUT_OF_RANGE',
          `A number of this field is larger than warehouse ${warehouse} can hold. Narrow \`where\`, or leave the measure out that is so large.`,
          { cause: error, details: { warehouse } },
        )
      case 'TOO_MANY_BYTES':
        return new GoldgateError(
          'BYTES_BUDGET_EXCEEDED',
          `Warehouse ${warehouse} would read more bytes for this field than it may be billed for. Ask for fewer columns or a shorter period.`,
          { cause: error, details: { warehouse } },
        )
      case 'WAREHOUSE_ERROR':
        return (pinned && (await this.byBuild(error, pinned))) ?? error
      case 'WAREHOUSE_UNAVAILABLE':
        return this.unavailable(error)
      default:
        return error
    }
  }

  private async unavailable(error: WarehouseError): Promise<Error> {
    const { warehouse } = error
    const others = [...this.services.warehouses.values()].filter(({ name }) => name !== warehouse)
    const answers = await Promise.all(others.map(answersInTime))
    const available = others
      .filter((_, index) => answers[index])
      .map(({ name }) => name)
      .sort()
    return new GoldgateError(
      'WAREHOUSE_UNAVAILABLE',
      `Warehouse ${warehouse} does not answer. ${
        available.length === 0 ? 'No other one does.' : `Available: ${available.join(', ')}.`
      }`,
      { cause: error, details: { warehouse, available } },
    )
  }

  /** What the build itself has to do with a statement that failed; undefined where nothing, or where that cannot be told. */
  private async byBuild(cause: WarehouseError, { warehouse, build }: Pinned): Promise<Error | undefined> {
    const { models } = this.services
    const about = `build ${build.buildId}`
    const details = { cause, details: { warehouse: warehouse.name, build: build.buildId } }
    try {
      // A warehouse that refuses everything has lost nothing.
      if (!(await isReadable(warehouse, build, []))) return undefined
      if (!(await isReadable(warehouse, build, models)))
        return new GoldgateError(
          'BUILD_LOST',
          `Warehouse ${warehouse.name} no longer has all tables of ${about}. \`goldgate run\` makes those of the newest build again; another build or warehouse may have them.`,
          details,
        )
      if (!(await hasAllColumns(warehouse, build, models)))
        return new GoldgateError(
          'BUILD_OUTDATED',
          `In warehouse ${warehouse.name}, ${about} was made before the models got the columns that they have now. \`goldgate run\` makes a new build; until it is published, leave out the fields that are new.`,
          details,
        )
    } catch {
      return undefined
    }
    return undefined
  }
}
