import { join } from 'node:path'
import type { ObjectStore } from '../../pipeline/bronze/object-store.js'
import { objectStoreKindOf } from '../../pipeline/bronze/stores/registry.js'
import { BatchLog } from '../../pipeline/control/batches.js'
import { BuildLog } from '../../pipeline/control/builds.js'
import type { ControlConnection } from '../../pipeline/control/connection.js'
import { ControlDatabase } from '../../pipeline/control/database.js'
import { ReplicaLog } from '../../pipeline/control/replicas.js'
import { ControlReport } from '../../pipeline/control/report.js'
import { adapterOf } from '../../warehouses/adapters/registry.js'
import type { Warehouse } from '../../warehouses/contract/warehouse.js'
import type { Config, PluginConfig } from '../config/config.js'
import { EmbeddedPostgres } from '../embedded-postgres/server.js'

export interface Control {
  readonly connection: ControlConnection
  readonly database: ControlDatabase
  readonly batches: BatchLog
  readonly builds: BuildLog
  readonly replicas: ReplicaLog
  readonly report: ControlReport
}

/** What a configuration names, opened when it is first asked for and closed in the opposite order. */
export class Installation {
  private embeddedServer: Promise<EmbeddedPostgres> | undefined
  private openedControl: Promise<Control> | undefined
  private openedWarehouses: Promise<ReadonlyMap<string, Warehouse>> | undefined
  private openedStores: Promise<readonly ObjectStore[]> | undefined

  constructor(readonly config: Config) {}

  control(): Promise<Control> {
    this.openedControl ??= this.openControl()
    return this.openedControl
  }

  /** By name, in the configuration's order. */
  warehouses(): Promise<ReadonlyMap<string, Warehouse>> {
    this.openedWarehouses ??= this.openWarehouses()
    return this.openedWarehouses
  }

  /** The primary store first. */
  stores(): Promise<readonly ObjectStore[]> {
    this.openedStores ??= Promise.all(
      this.config.stores.map((store) => objectStoreKindOf(store.kind).open(store.name, store.options)),
    )
    return this.openedStores
  }

  /** The URL file of the embedded PostgreSQL, where there is one. */
  async postgresUrlFile(): Promise<string | undefined> {
    return (await this.embeddedServer)?.urlFile
  }

  async close(): Promise<void> {
    const warehouses = await settled(this.openedWarehouses)
    for (const warehouse of warehouses?.values() ?? []) await warehouse.close()
    await (await settled(this.openedControl))?.database.close()
    await (await settled(this.embeddedServer))?.close()
  }

  private embedded(): Promise<EmbeddedPostgres> {
    this.embeddedServer ??= EmbeddedPostgres.open(this.config.home)
    return this.embeddedServer
  }

  private async openControl(): Promise<Control> {
    const connection = await this.controlConnection()
    const database = await ControlDatabase.open(connection)
    return {
      connection,
      database,
      batches: new BatchLog(database),
      builds: new BuildLog(database),
      replicas: new ReplicaLog(database),
      report: new ControlReport(database),
    }
  }

  /** Where the control database is; starts the embedded server where that is it. */
  async controlConnection(): Promise<ControlConnection> {
    const { control } = this.config
    return control.embedded
      ? { url: await (await this.embedded()).database('goldgate'), poolSize: control.poolSize }
      : control
  }

  private async openWarehouses(): Promise<ReadonlyMap<string, Warehouse>> {
    const opened = await Promise.all(this.config.warehouses.map((warehouse) => this.openWarehouse(warehouse)))
    return new Map(opened.map((warehouse) => [warehouse.name, warehouse]))
  }

  private openWarehouse({ name, kind, options }: PluginConfig): Promise<Warehouse> {
    return adapterOf(kind).open(name, options, {
      directory: join(this.config.home, 'warehouses', name),
      embeddedPostgres: async (database) => (await this.embedded()).database(database),
    })
  }
}

async function settled<T>(opening: Promise<T> | undefined): Promise<T | undefined> {
  return opening?.catch(() => undefined)
}
