import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { GoldgateApp } from '../../src/composition/goldgate-app.js'
import { generateSmallDemo } from '../setup/demo.js'
import { createInstallation, type TestInstallation } from '../setup/installation.js'

/** An installation with a small demo of its own, whose files a test changes. */
export class DemoFolder {
  private constructor(
    readonly installation: TestInstallation,
    readonly data: string,
  ) {}

  static async create(): Promise<DemoFolder> {
    const scratch = await createInstallation({ sources: { demo: 'demo-5' } })
    return new DemoFolder(scratch, await generateSmallDemo(scratch.folder, { seed: 5 }))
  }

  path(file: string): string {
    return join(this.data, file)
  }

  /** Gives a file other content, and returns a function that gives it its own again. */
  async change(file: string, edit: (lines: string[]) => string[]): Promise<() => Promise<void>> {
    const before = await readFile(this.path(file), 'utf8')
    await writeFile(this.path(file), edit(before.trimEnd().split('\n')).join('\n'))
    return () => writeFile(this.path(file), before)
  }

  /** With an app of its own, closed at the end: nothing is left in any warehouse's memory. */
  async with<T>(work: (app: GoldgateApp) => Promise<T>): Promise<T> {
    const app = this.installation.open()
    try {
      return await work(app)
    } finally {
      await app.close()
    }
  }

  run(request: Parameters<GoldgateApp['run']>[0] = {}) {
    return this.with((app) => app.run(request, () => {}))
  }

  status() {
    return this.with((app) => app.status())
  }
}
