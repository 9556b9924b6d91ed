import { join } from 'node:path'
import type { ObjectStore } from '../../pipeline/bronze/object-store.js'
import { objectStoreKindOf } from '../../pipeline/bronze/stores/registry.js'
import { ApiKeys } from '../../pipeline/control/api-keys.js'
import { BatchLog } from '../../pipeline/control/batches.js'
import { BuildLog } from '../../pipeline/control/builds.js'
import type { ControlConnection } from '../../pipeline/control/connection.js'
import { ControlDatabase } from '../../pipeline/control/database.js'
import { ParityLog } from '../../pipeline/control/parity.js'
import { ReplicaLog } from '../../pipeline/control/replicas.js'
import { ControlReport } from '../../pipeline/control/report.js'
import { adapterOf, adapters } from '../../warehouses/adapters/registry.js'
import type { Warehouse } from '../../warehouses/contract/warehouse.js'
import type { Config, PluginConfig } from '../config/config.js'
import { embeddedDatabases } from '../config/places.js'
import { CONTROL_DATABASE } from '../embedded-postgres/databases.js'
import { EmbeddedPostgres } from '../embedded-postgres/server.js'
import { makeHome } from './home.js'
import { createLogger } from './logger.js'

export interface Control {
  readonly connection: ControlConnection
  readonly database: ControlDatabase
  readonly batches: BatchLog
  readonly builds: BuildLog
  readonly keys: ApiKeys
  readonly parity: ParityLog
  readonly replicas: ReplicaLog
  readonly report: ControlReport
}

/** What a configuration names, opened when it is first asked for and closed in the opposite order. */
export class Installation {
  private embeddedServer: Promise<EmbeddedPostgres> | undefined
  private openedControl: Promise<Control> | undefined
  private readonly openedWarehouses = new Map<string, Promise<Warehouse>>()
  private readonly openedStores = new Map<string, Promise<ObjectStore>>()

  constructor(readonly config: Config) {}

  control(): Promise<Control> {
    this.openedControl ??= this.openControl()
    return this.openedControl
  }

  /** By name, in the configuration's order. */
  async warehouses(): Promise<ReadonlyMap<string, Warehouse>> {
    const opened = await Promise.all(this.config.warehouses.map((warehouse) => this.warehouse(warehouse)))
    return new Map(opened.map((warehouse) => [warehouse.name, warehouse]))
  }

  /** One of `config.warehouses`. */
  warehouse({ name, kind, options }: PluginConfig): Promise<Warehouse> {
    return once(this.openedWarehouses, name, async () => {
      await makeHome(this.config)
      return adapterOf(kind).open(name, options, {
        directory: join(this.config.home, 'warehouses', name),
        embeddedPostgres: async (database) => (await this.embedded()).database(database, true),
      })
    })
  }

  /** The primary store first. */
  stores(): Promise<readonly ObjectStore[]> {
    return Promise.all(this.config.stores.map((store) => this.store(store)))
  }

  /** One of `config.stores`. */
  store({ name, kind, options }: PluginConfig): Promise<ObjectStore> {
    return once(this.openedStores, name, async () => {
      await makeHome(this.config)
      return objectStoreKindOf(kind).open(name, options)
    })
  }

  /** The URL file of the embedded PostgreSQL, where there is one and a warehouse in it. */
  async postgresUrlFile(): Promise<string | undefined> {
    const server = await this.embeddedServer
    return this.forPeople() === undefined ? undefined : server?.urlFile
  }

  /** Closes everything, also where something fails on the way; throws the first failure. */
  async close(): Promise<void> {
    const failures: unknown[] = []
    const close = (closing: Promise<void> | undefined) => closing?.catch((error: unknown) => void failures.push(error))
    for (const opening of this.openedWarehouses.values()) await close((await settled(opening))?.close())
    await close((await settled(this.openedControl))?.database.close())
    await close((await settled(this.embeddedServer))?.close())
    if (failures.length > 0) throw failures[0]
  }

  private embedded(): Promise<EmbeddedPostgres> {
    const { home, log } = this.config
    this.embeddedServer ??= EmbeddedPostgres.open(home, createLogger(log.level), this.forPeople())
    return this.embeddedServer
  }

  /** The database of the first warehouse that the embedded PostgreSQL holds. */
  private forPeople(): string | undefined {
    return embeddedDatabases(this.config.warehouses, adapters)[0]?.database
  }

  private async openControl(): Promise<Control> {
    await makeHome(this.config)
    const connection = await this.controlConnection()
    const database = await ControlDatabase.open(connection)
    return {
      connection,
      database,
      batches: new BatchLog(database),
      builds: new BuildLog(database),
      keys: new ApiKeys(database),
      parity: new ParityLog(database),
      replicas: new ReplicaLog(database),
      report: new ControlReport(database),
    }
  }

  /** Where the control database is; starts the embedded server where that is it. */
  async controlConnection(): Promise<ControlConnection> {
    const { control } = this.config
    return control.embedded
      ? { url: await (await this.embedded()).database(CONTROL_DATABASE), poolSize: control.poolSize }
      : control
  }
}

function once<T>(opened: Map<string, Promise<T>>, name: string, open: () => Promise<T>): Promise<T> {
  const opening = opened.get(name) ?? open()
  opened.set(name, opening)
  return opening
}

async function settled<T>(opening: Promise<T> | undefined): Promise<T | undefined> {
  return opening?.catch(() => undefined)
}
