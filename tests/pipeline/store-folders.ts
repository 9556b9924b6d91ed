import { chmod, mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { generateSmallDemo } from '../setup/demo.js'
import { createInstallation } from '../setup/installation.js'
import { storeContent } from '../setup/store-content.js'
import { DemoStores } from './demo-stores.js'

/** An installation with a small demo and several disk stores, whose folders a test empties, damages or takes away. */
export class StoreFolders extends DemoStores {
  static async create(moreStores: Readonly<Record<string, boolean>>): Promise<StoreFolders> {
    const installation = await createInstallation({ sources: { demo: 'demo-7' }, moreStores })
    return new StoreFolders(installation, await generateSmallDemo(installation.folder, { seed: 7 }))
  }

  folder(store: string): string {
    const { folder } = this.installation
    return store === 'disk' ? join(folder, 'home', 'store') : join(folder, store)
  }

  content(store: string): Promise<Readonly<Record<string, string>>> {
    return storeContent(this.folder(store))
  }

  async keys(store: string, prefix = ''): Promise<string[]> {
    return Object.keys(await this.content(store)).filter((key) => key.startsWith(prefix))
  }

  async empty(store: string): Promise<void> {
    await rm(this.folder(store), { recursive: true, force: true })
  }

  /** Turns one bit in the middle of an object. */
  async flip(store: string, key: string): Promise<void> {
    const path = join(this.folder(store), key)
    const bytes = await readFile(path)
    const at = Math.floor(bytes.length / 2)
    bytes[at] = (bytes[at] ?? 0) ^ 1
    await chmod(path, 0o644)
    await writeFile(path, bytes)
  }

  async put(store: string, key: string, content: string | Buffer): Promise<void> {
    const path = join(this.folder(store), key)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, content)
  }

  /** A link to itself lies where the folder of the store should be: every request fails, for root too. Returns what brings the store back as it was. */
  async takeDown(store: string): Promise<() => Promise<void>> {
    const folder = this.folder(store)
    await rename(folder, `${folder} away`).catch(() => mkdir(`${folder} away`))
    await symlink(folder, folder)
    return async () => {
      await rm(folder)
      await rename(`${folder} away`, folder)
    }
  }
}
