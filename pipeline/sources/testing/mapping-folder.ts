import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** A folder of files that goes away with the test. */
export class TestFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'goldgate source-'))

  /** Writes files by their path inside the folder. */
  write(files: Readonly<Record<string, string | Buffer>>): this {
    for (const [name, content] of Object.entries(files)) {
      const file = join(this.path, name)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, content)
    }
    return this
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}
