import { execFileSync, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runRequest } from './run-request.js'
import { ConformFolder } from './testing/conform-folder.js'
import { csv, good, sql, things, yaml } from './testing/things.js'

let source: ConformFolder
beforeEach(() => {
  source = new ConformFolder([things])
})
afterEach(() => source.remove())

/** A SELECT that does not end. */
const endless = sql.replace(
  'quantity,',
  '(SELECT max(a + b) FROM range(1000000000) AS s(a), range(1000000000) AS t(b)) AS quantity,',
)

const only = <T>(items: readonly T[]): T => {
  expect(items).toHaveLength(1)
  return items[0] as T
}

describe('the process', () => {
  const rows = Array.from(
    { length: 300_000 },
    (_, index) => `${(index * 7919) % 250_000},good,${(index % 5) + 1},${index / 100},2024-01-0${(index % 9) + 1}`,
  )

  it('the same input gives the same bytes', async () => {
    source.write(
      { 'source.yaml': yaml(csv, '*.csv'), 'things.sql': sql },
      {
        'a.csv': `id,kind,quantity,price,made\n${rows.slice(0, 200_000).join('\n')}\n`,
        'b.csv': `id,kind,quantity,price,made\n${rows.slice(200_000).join('\n')}\nx,y\n1,2,3\n`,
      },
    )
    const outputs: string[][] = []
    for (let run = 0; run < 3; run++) {
      const batch = only((await source.conform()).entities)
      outputs.push([readFileSync(batch.parquetPath, 'hex'), readFileSync(batch.quarantinePath ?? '', 'hex')])
    }
    expect(outputs[1]).toEqual(outputs[0])
    expect(outputs[2]).toEqual(outputs[0])
  })

  it('a child that dies is an error which says what it was doing, and the parent lives', async () => {
    source.write({ 'source.yaml': yaml(), 'things.sql': endless }, { 'things.csv': good })
    let killed = false
    const conforming = source.conform({
      onProgress: ({ phase }) => {
        if (killed || phase !== 'type') return
        killed = true
        for (const pid of childrenOf(process.pid)) process.kill(pid, 'SIGKILL')
      },
    })
    await expect(conforming).rejects.toMatchObject({
      code: 'CONFORM_FAILED',
      message: expect.stringMatching(
        /shop failed while it typed the entity things: its process ended with signal SIGKILL/,
      ),
    })
  })

  it('stops when it is told to', async () => {
    source.write({ 'source.yaml': yaml(), 'things.sql': sql }, { 'things.csv': good })
    const stop = new AbortController()
    const conforming = source.conform({ signal: stop.signal })
    stop.abort(new Error('enough'))
    await expect(conforming).rejects.toThrow('enough')
  })

  it('a cast of the mapping that fails is an error which names the SELECT', async () => {
    source.write(
      { 'source.yaml': yaml(), 'things.sql': sql.replace('quantity,', 'CAST(made AS INTEGER) AS quantity,') },
      { 'things.csv': good },
    )
    await expect(source.run()).rejects.toMatchObject({
      code: 'CONFORM_FAILED',
      message: expect.stringMatching(/2024-02-29.*things\.sql with TRY_CAST/s),
    })
  })

  it('a file that cannot be written is not blamed on a value', async () => {
    source.write({ 'source.yaml': yaml(), 'things.sql': sql }, { 'things.csv': good })
    const request = await source.request()
    mkdirSync(join(request.workDirectory, 'things.parquet'))
    await expect(runRequest(request, [things], () => {})).rejects.toMatchObject({
      code: 'CONFORM_FAILED',
      message: expect.stringMatching(/^shop, things: (?!.*TRY_CAST).*space below GOLDGATE_HOME/s),
    })
  })

  it.each([
    ['while it reads', 'read', sql],
    ['in a statement that does not end', 'type', endless],
  ])('does not outlive its parent %s', async (_when, phase, select) => {
    const many = Array.from({ length: 5 }, (_, index) => [
      `${index}.csv`,
      `id,kind,quantity,price,made\n${rows.join('\n')}\n`,
    ])
    source.write({ 'source.yaml': yaml(csv, '*.csv'), 'things.sql': select }, Object.fromEntries(many))
    const request = await source.request()
    const parent = fork(new URL('./testing/lonely-parent.ts', import.meta.url), { execArgv: ['--import', 'tsx'] })
    const reached = new Promise<void>((resolve) => parent.on('message', (told) => told === phase && resolve()))
    parent.send(request)
    await reached
    const [child] = childrenOf(parent.pid)
    expect(child).toBeGreaterThan(0)
    parent.kill('SIGKILL')
    await once(parent, 'close')
    await expect.poll(() => isAlive(child ?? 0), { timeout: 20_000, interval: 20 }).toBe(false)
  })
})

function childrenOf(pid: number | undefined): number[] {
  const found = execFileSync('pgrep', ['-f', '-P', String(pid), '/child[.]']).toString()
  return found.trim().split('\n').map(Number)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
