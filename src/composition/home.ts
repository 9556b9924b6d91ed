import type { Config } from '../config/config.js'
import { makePrivateFolder, serverUser } from '../embedded-postgres/account.js'

/**
 * Makes the folder of all state where it is missing, for nobody else to look into: raw deliveries and warehouses hold what customers are called
 * and where they live. As root, the account of the embedded PostgreSQL may pass through it to its own folder.
 */
export async function makeHome({ home, control }: Pick<Config, 'home' | 'control'>): Promise<void> {
  await makePrivateFolder(home, control.embedded ? await serverUser() : undefined)
}
