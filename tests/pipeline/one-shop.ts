import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { GoldgateApp } from '../../src/composition/goldgate-app.js'
import { createInstallation, type TestInstallation } from '../setup/installation.js'
import { Shop } from './shop.js'

/** A shop and an installation that runs it, alone or beside other sources. */
export class OneShop {
  private constructor(
    readonly folder: string,
    readonly shop: Shop,
    readonly installation: TestInstallation,
    readonly app: GoldgateApp,
  ) {}

  static async create(
    changed: Parameters<typeof Shop.create>[1] = {},
    others: Readonly<Record<string, string>> = {},
  ): Promise<OneShop> {
    const folder = await mkdtemp(join(tmpdir(), 'goldgate shop '))
    const shop = await Shop.create(folder, changed)
    const sources = { shop: shop.data, ...others }
    const installation = await createInstallation({ sources, mappings: [shop.mappings] })
    return new OneShop(folder, shop, installation, installation.open())
  }

  readonly run = (request: Parameters<GoldgateApp['run']>[0] = {}) => this.app.run(request, () => {})

  async remove(): Promise<void> {
    await this.app.close()
    await this.installation.remove()
    await rm(this.folder, { recursive: true, force: true })
  }
}
