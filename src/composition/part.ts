import { controlClientConfig } from '../../pipeline/control/connection.js'
import { ControlDatabase } from '../../pipeline/control/database.js'
import { ControlError } from '../../pipeline/control/errors.js'
import type { Diagnosis } from '../../warehouses/contract/diagnosis.js'
import { diagnosePostgres } from '../../warehouses/postgresql/diagnose.js'
import { setupPostgres } from '../../warehouses/postgresql/setup.js'
import type { PartName } from '../checks.js'
import type { Installation } from './installation.js'

/** Something that an installation connects to. */
export interface Part extends PartName {
  diagnose(): Promise<Diagnosis>
  /** What was made, in sentences. */
  setup(): Promise<readonly string[]>
}

const controlSchemas = ['goldgate_control']

/** The control database, every store and every warehouse, in the configuration's order. Nothing is opened yet. */
export function partsOf(installation: Installation): Part[] {
  const { config } = installation
  return [
    {
      part: 'control',
      name: 'control',
      kind: config.control.embedded ? 'embedded PostgreSQL' : 'PostgreSQL',
      diagnose: async () => diagnosePostgres(await controlClient(installation), controlSchemas),
      setup: async () => {
        const made = await setupPostgres(await controlClient(installation), controlSchemas).catch((error: unknown) => {
          throw ControlError.of(error)
        })
        // Its tables: the first one who opens it makes them.
        const database = await ControlDatabase.open(await installation.controlConnection())
        await database.close()
        return made
      },
    },
    ...config.stores.map((store): Part => {
      const { name, kind } = store
      return {
        ...{ part: 'store', name, kind },
        diagnose: async () => (await installation.store(store)).diagnose(),
        setup: async () => (await installation.store(store)).setup(),
      }
    }),
    ...config.warehouses.map((warehouse): Part => {
      const { name, kind } = warehouse
      return {
        ...{ part: 'warehouse', name, kind },
        diagnose: async () => (await installation.warehouse(warehouse)).diagnose(),
        setup: async () => (await installation.warehouse(warehouse)).setup(),
      }
    }),
  ]
}

const controlClient = async (installation: Installation) => controlClientConfig(await installation.controlConnection())
