import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { packageRoot } from '../warehouses/package-root.js'

/** A home of its own for one benchmark, with the command line as users have it. Build first (`npm run build`). */
export class Workspace {
  private constructor(
    readonly folder: string,
    private readonly warehouses: readonly ('postgres' | 'duckdb')[],
  ) {}

  /** `settings` are further ones of the profile. */
  static async create(warehouses: readonly ('postgres' | 'duckdb')[], settings: object = {}): Promise<Workspace> {
    const workspace = new Workspace(await mkdtemp(join(tmpdir(), 'goldgate-bench-')), warehouses)
    // The account that runs PostgreSQL for root gets through, and its data stay in the home, where they are measured and removed.
    await chmod(workspace.folder, 0o755)
    await workspace.configure('goldgate', settings)
    return workspace
  }

  /** Writes another configuration of the same home, and returns its path. */
  async configure(name: string, settings: object): Promise<string> {
    const path = join(this.folder, `${name}.yaml`)
    await writeFile(path, this.settings(settings))
    return path
  }

  get data(): string {
    return join(this.folder, 'data')
  }

  get env(): Readonly<Record<string, string | undefined>> {
    return {
      ...process.env,
      GOLDGATE_HOME: join(this.folder, 'home'),
      GOLDGATE_CONFIG: join(this.folder, 'goldgate.yaml'),
      PORT: '0',
    }
  }

  /** `node` are options of Node itself. */
  start(args: readonly string[], config?: string, node: readonly string[] = []): ChildProcess {
    return spawn(process.execPath, [...node, join(packageRoot(), 'bin', 'goldgate.js'), ...args], {
      env: config === undefined ? this.env : { ...this.env, GOLDGATE_CONFIG: config },
      cwd: this.folder,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
  }

  /**
   * One command to its end: seconds, standard output, and the largest resident memory, sampled (Linux): of it and its children, and of the
   * embedded PostgreSQL (each shared page counted once).
   */
  async command(
    ...args: string[]
  ): Promise<{ seconds: number; output: string; peakMb: number; postgresPeakMb: number }> {
    const started = performance.now()
    const child = this.start(args)
    let output = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
    let peakMb = 0
    let postgresPeakMb = 0
    const sample = async () => {
      peakMb = Math.max(peakMb, await residentMb(child.pid ?? 0))
      postgresPeakMb = Math.max(postgresPeakMb, await this.postgresMb())
    }
    const sampling = setInterval(() => void sample(), 250)
    const [code] = await once(child, 'close')
    clearInterval(sampling)
    if (code !== 0) throw new Error(`goldgate ${args.join(' ')} ended with ${code}\n${output}`)
    return { seconds: (performance.now() - started) / 1000, output, peakMb, postgresPeakMb }
  }

  private async postgresMb(): Promise<number> {
    const pidFile = join(this.folder, 'home', 'postgres', 'cluster', 'data', 'postmaster.pid')
    const pid = Number((await readFile(pidFile, 'utf8').catch(() => '')).split('\n')[0])
    return pid > 0 ? shareOfMemoryMb(pid) : 0
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true })
  }

  private settings(further: object): string {
    const kinds = { postgres: { kind: 'postgres', embedded: true }, duckdb: { kind: 'duckdb' } }
    return JSON.stringify({
      version: 1,
      profile: 'bench',
      profiles: {
        bench: {
          control: { embedded: true },
          stores: [{ name: 'disk', kind: 'disk', path: '${GOLDGATE_HOME}/store' }],
          warehouses: Object.fromEntries(this.warehouses.map((name) => [name, kinds[name]])),
          sources: { demo: { data: 'data' } },
          ...further,
        },
      },
    })
  }
}

/** Megabytes of one process: resident now, or at most since it began or `clear_refs` was written (Linux). */
export async function memoryOf(pid: number, what: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(new RegExp(`${what}:\\s+(\\d+) kB`).exec(status)?.[1] ?? 0) / 1024
}

/** Of a process and everything it started but PostgreSQL, which is in a session of its own. */
function residentMb(pid: number): Promise<number> {
  return memoryMb(pid, 'status', /VmRSS:\s+(\d+) kB/)
}

/** As `residentMb`, but a page that several processes share is divided among them. */
function shareOfMemoryMb(pid: number): Promise<number> {
  return memoryMb(pid, 'smaps_rollup', /^Pss:\s+(\d+) kB/m)
}

async function memoryMb(pid: number, file: string, pattern: RegExp): Promise<number> {
  const status = await readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')
  const own = Number(pattern.exec(status)?.[1] ?? 0) / 1024
  const children = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')).trim()
  const others =
    children === '' ? [] : await Promise.all(children.split(' ').map((child) => memoryMb(Number(child), file, pattern)))
  return others.reduce((sum, mb) => sum + mb, own)
}

export async function lineOf(child: ChildProcess, pattern: RegExp): Promise<string> {
  if (!child.stdout) throw new Error('no output')
  for await (const line of createInterface({ input: child.stdout })) {
    const found = pattern.exec(line)?.[1]
    if (found !== undefined) {
      child.stdout.resume()
      return found
    }
  }
  throw new Error('The server ended before it listened')
}
