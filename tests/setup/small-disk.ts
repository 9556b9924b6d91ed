import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmdirSync } from 'node:fs'
import { open, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Why no disk can be mounted here; undefined when one can. For root on Linux, in most containers not. */
export function whyNoSmallDisk(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'only root on Linux may mount a small disk'
  const path = mkdtempSync(join(tmpdir(), 'goldgate-mount-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', path], { stdio: 'pipe' })
    execFileSync('umount', [path], { stdio: 'pipe' })
    return undefined
  } catch (error) {
    return `no small disk can be mounted here: ${error instanceof Error ? error.message : String(error)}`
  } finally {
    rmdirSync(path)
  }
}

/** A disk (tmpfs) of few megabytes, mounted over a folder, that a test fills. */
export class SmallDisk {
  private constructor(private readonly path: string) {}

  static mount(path: string, megabytes: number): SmallDisk {
    mkdirSync(path, { recursive: true })
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0755`, 'tmpfs', path])
    return new SmallDisk(path)
  }

  /** Leaves so many bytes free. */
  async fill(free: number): Promise<void> {
    const { bsize, bavail } = await statfs(this.path)
    const ballast = await open(this.ballast, 'w')
    try {
      const piece = Buffer.alloc(bsize)
      for (let left = bsize * bavail - free; left >= bsize; left -= bsize) await ballast.write(piece)
    } finally {
      await ballast.close()
    }
  }

  async makeRoom(): Promise<void> {
    await rm(this.ballast, { force: true })
  }

  /** Also while somebody still has a file open on it. */
  unmount(): void {
    execFileSync('umount', ['--lazy', this.path])
  }

  private get ballast(): string {
    return join(this.path, '.ballast')
  }
}
