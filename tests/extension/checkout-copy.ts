import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { packageRoot } from '../../warehouses/package-root.js'
import { cleanEnvironment, type Ended, run } from './processes.js'

/** A file of the copy that differs from its last commit. */
export interface Change {
  readonly path: string
  readonly kind: 'added' | 'changed' | 'deleted'
}

const suffix = '.template'

/** This checkout's code in a folder and a git repository of its own, with this checkout's packages. */
export class CheckoutCopy {
  private constructor(readonly folder: string) {}

  static async create(): Promise<CheckoutCopy> {
    const copy = new CheckoutCopy(join(await mkdtemp(join(tmpdir(), 'goldgate extended ')), 'checkout'))
    const root = packageRoot()
    const listed = await run(
      'git',
      ['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
      root,
      cleanEnvironment(),
    )
    if (listed.code !== 0) throw new Error(`The files of the checkout cannot be listed: ${listed.output}`)
    const files = listed.stdout.split('\0').filter((file) => file !== '' && existsSync(join(root, file)))
    for (const file of files) {
      await mkdir(dirname(join(copy.folder, file)), { recursive: true })
      await cp(join(root, file), join(copy.folder, file))
    }
    await copy.#git('init', '--quiet')
    await writeFile(join(copy.folder, '.git', 'info', 'exclude'), '/node_modules\n')
    await symlink(join(root, 'node_modules'), join(copy.folder, 'node_modules'), 'dir')
    await copy.commit()
    return copy
  }

  /** Puts a folder of templates over the copy. Templates of TypeScript carry a suffix, since they only compile in their place. */
  async overlay(templates: string): Promise<void> {
    await cp(templates, this.folder, { recursive: true, force: false, errorOnExist: true })
    for (const { path } of await this.changes()) {
      if (!path.endsWith(suffix)) continue
      const file = join(this.folder, path)
      await cp(file, file.slice(0, -suffix.length), { force: false, errorOnExist: true })
      await rm(file)
    }
  }

  async edit(path: string, change: (text: string) => string): Promise<void> {
    const file = join(this.folder, path)
    await writeFile(file, change(await readFile(file, 'utf8')))
  }

  read(path: string): Promise<string> {
    return readFile(join(this.folder, path), 'utf8')
  }

  async changes(): Promise<Change[]> {
    const status = await this.#git('status', '--porcelain', '-z', '--untracked-files=all', '--no-renames')
    const entries = status.split('\0').filter((entry) => entry !== '')
    return entries.map((entry) => ({ path: entry.slice(3), kind: kindOf(entry.slice(0, 2)) }))
  }

  /** What changed in tracked files, word by word: those added and those taken away. */
  async changedWords(): Promise<{ readonly added: string[]; readonly removed: string[] }> {
    const words = '--word-diff-regex=[[:alnum:]_./-]+|[^[:space:]]'
    const diff = (await this.#git('diff', '--word-diff=porcelain', words, '-U0')).split('\n')
    const beginningWith = (sign: string) =>
      diff.filter((line) => line.startsWith(sign) && !line.startsWith(sign.repeat(3))).map((line) => line.slice(1))
    return { added: beginningWith('+'), removed: beginningWith('-') }
  }

  async commit(): Promise<void> {
    await this.#git('add', '--all')
    const author = ['-c', 'user.name=Test', '-c', 'user.email=test@localhost', '-c', 'commit.gpgsign=false']
    await this.#git(...author, 'commit', '--quiet', '--no-verify', '--message', 'state')
  }

  /** A program that came with the packages. */
  run(program: string, ...args: readonly string[]): Promise<Ended> {
    return this.node({}, join('node_modules', '.bin', program), ...args)
  }

  node(env: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<Ended> {
    return run(process.execPath, args, this.folder, cleanEnvironment(env))
  }

  async remove(): Promise<void> {
    await rm(dirname(this.folder), { recursive: true, force: true })
  }

  async #git(...args: readonly string[]): Promise<string> {
    const { code, stdout, output } = await run('git', args, this.folder, cleanEnvironment())
    if (code !== 0) throw new Error(`git ${args.join(' ')}: ${output}`)
    return stdout
  }
}

function kindOf(status: string): Change['kind'] {
  if (status === '??') return 'added'
  return status.includes('D') ? 'deleted' : 'changed'
}
