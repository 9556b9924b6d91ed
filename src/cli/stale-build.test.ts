import { spawnSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

let root: string
const at = (...path: string[]) => join(root, ...path)
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'goldgate build '))
  await cp(fileURLToPath(new URL('../../bin', import.meta.url)), at('bin'), { recursive: true })
  await writeFile(at('package.json'), '{ "type": "module" }')
  await writeFile(at('tsconfig.build.json'), '{}')
  for (const folder of ['src', 'resolvers', 'pipeline', 'warehouses', 'models/gold', 'dist/src/cli'])
    await mkdir(at(folder), { recursive: true })
  await writeFile(at('models', 'gold', 'revenue.ts'), '')
  await writeFile(at('dist', 'src', 'cli', 'main.js'), `console.log('ran')`)
  await writeFile(at('dist', '.built'), '')
})
afterEach(() => rm(root, { recursive: true }))

const goldgate = () => {
  const { stdout, stderr } = spawnSync(process.execPath, [at('bin', 'goldgate.js')], { encoding: 'utf8' })
  return { stdout, stderr }
}
const inTheFuture = new Date(Date.now() + 60_000)

describe('the command in a checkout', () => {
  it('says nothing when what runs is what was written', async () => {
    await writeFile(at('src', 'later.test.ts'), '')
    await utimes(at('src', 'later.test.ts'), inTheFuture, inTheFuture)
    expect(goldgate()).toEqual({ stdout: 'ran\n', stderr: '' })
  })

  it('runs all the same, and warns, when a source is newer than what was built', async () => {
    await utimes(at('models', 'gold', 'revenue.ts'), inTheFuture, inTheFuture)
    const file = join('models', 'gold', 'revenue.ts')
    expect(goldgate()).toEqual({
      stdout: 'ran\n',
      stderr: `goldgate: ${file} is newer than dist/, which is what runs here: run "npm run build".\n`,
    })
  })

  it('says so where it was never built to the end', async () => {
    await rm(at('dist', '.built'))
    expect(goldgate().stderr).toMatch(/no complete dist\/: run "npm run build"/)
  })

  it('is not looked at where it is installed: there are no sources', async () => {
    await rm(at('tsconfig.build.json'))
    await rm(at('dist', '.built'))
    expect(goldgate()).toEqual({ stdout: 'ran\n', stderr: '' })
  })
})
