import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { demoDefaults } from '../../pipeline/sources/demo/options.js'
import { createInstallation } from '../../tests/setup/installation.js'

/** What npm links as `goldgate`; the test run builds it first. */
const program = fileURLToPath(new URL('../../bin/goldgate.js', import.meta.url))

interface Ended {
  readonly code: number
  readonly out: string
  readonly err: string
}

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'goldgate cli '))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The real process, in a folder of its own. */
function goldgate(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  const clean = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(GOLDGATE_|HOST$|PORT$)/.test(name)),
  )
  return new Promise((done) => {
    const options = { cwd: folder, env: { ...clean, ...env }, timeout: 50_000 }
    execFile(process.execPath, [program, ...args], options, (error, out, err) => {
      done({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, out, err })
    })
  })
}

describe('help', () => {
  test.each([
    ['start'],
    ['generate'],
    ['run'],
    ['serve'],
    ['status'],
    ['publish'],
    ['stores', 'verify'],
    ['source', 'test'],
    ['sql'],
  ])('of %s %s has an example and is no failure', async (...command) => {
    const { code, out, err } = await goldgate([...command, '--help'])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(new RegExp(`Usage: goldgate ${command.join(' ')}`))
    expect(out).toMatch(/Examples?:\n {2}(\S+=\S+ )*goldgate /)
  })

  test('lists the commands, and is shown where a command is missing', async () => {
    const { code, out } = await goldgate(['--help'])
    expect(code).toBe(0)
    for (const command of ['start', 'generate', 'run', 'serve', 'status', 'publish', 'stores', 'source', 'sql']) {
      expect(out).toMatch(new RegExp(`^ {2}${command}\\b`, 'm'))
    }
    const missing = await goldgate([])
    expect(missing.code).toBe(2)
    expect(missing.err).toContain('Commands:')
  })

  test('of generate states the defaults that hold', async () => {
    const { out } = await goldgate(['generate', '--help'])
    for (const [option, value] of Object.entries(demoDefaults)) {
      const flag = `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
      const text = out
        .slice(out.indexOf(`${flag} `))
        .split(/\n {2}--/)[0]
        ?.replace(/\s+/g, ' ')
      expect(text).toContain(`(default: ${value})`)
    }
  })
})

describe('a command that is written wrongly', () => {
  test.each([
    [['nope'], "unknown command 'nope'"],
    [['run', '--sorce', 'demo'], "unknown option '--sorce' (Did you mean --source?)"],
    [['run', '--as-of', '2025-02-30'], 'It must be a date such as 2025-12-31.'],
    [['run', '--run-id', 'a/b'], 'It must be lower-case letters'],
    [['publish', 'b1'], "required option '--warehouse <name>' not specified"],
    [['publish', '--warehouse', 'postgres'], 'Name either a build or --release'],
    [['generate'], "required option '--out <dir>' not specified"],
    [['generate', '--out', 'd', '--sales', '-1'], 'It must be a whole number'],
    [['generate', '--out', 'd', '--return-rate', '1.5'], '--return-rate must be at most 1'],
    [['generate', '--out', 'd', '--format', 'xml'], 'json, ndjson, csv'],
    [['source', 'test'], "missing required argument 'name'"],
  ])('%j ends with 2 and one line that says how it is written', async (args, message) => {
    const { code, out, err } = await goldgate(args)
    expect({ code, out }).toEqual({ code: 2, out: '' })
    const [last] = err.trimEnd().split('\n').slice(-1)
    expect(last).toContain('goldgate: USAGE: ')
    expect(last).toContain(message)
    expect(err).not.toMatch(/^\s+at /m)
  })
})

describe('a command that cannot be done', () => {
  test('ends with 1 and one paragraph: code, message, what to do', async () => {
    const { code, out, err } = await goldgate(['status'], { GOLDGATE_CONFIG: 'absent.yaml' })
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toMatch(/^goldgate: CONFIG_NOT_FOUND: .*absent\.yaml.*Set GOLDGATE_CONFIG.*\n$/)
  })

  test('shows where an error came from only when it is asked to', async () => {
    const { err } = await goldgate(['status'], { GOLDGATE_CONFIG: 'absent.yaml', GOLDGATE_DEBUG: '1' })
    expect(err).toMatch(/^\s+at .*locate\.(ts|js)/m)
  })

  test('reads .env of the current folder, and what the environment has goes first', async () => {
    writeFileSync(join(folder, '.env'), 'GOLDGATE_CONFIG=from-file.yaml\n')
    try {
      expect((await goldgate(['status'])).err).toContain('from-file.yaml')
      expect((await goldgate(['status'], { GOLDGATE_CONFIG: 'given.yaml' })).err).toContain('given.yaml')
    } finally {
      rmSync(join(folder, '.env'))
    }
  })
})

test('serve does not start with an operation of the user’s that does not fit, and names its file and what is wrong', async () => {
  const shop = await createInstallation({ sources: {}, gateway: { operations: ['questions'] } })
  try {
    const file = join(shop.folder, 'questions', 'profit.graphql')
    mkdirSync(join(shop.folder, 'questions'))
    writeFileSync(file, '# path: profit\n# Profit.\nquery Profit {\n  dailyRevenue { nodes { profit } }\n}\n')
    const { code, out, err } = await goldgate(['serve'], shop.env)
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toContain(`goldgate: OPERATION_INVALID: ${file}:4: Cannot query field "profit"`)
    expect(err).not.toMatch(/^\s+at /m)
  } finally {
    await shop.remove()
  }
})

test('generate writes the files and says where', async () => {
  const { code, out, err } = await goldgate(['generate', '--out', 'made', '--sales', '50', '--format', 'csv'])
  expect(code).toBe(0)
  expect(out).toContain(join(folder, 'made'))
  expect(err).toMatch(/generate +demo +[\d,]+ rows +[\d.]+ [kM]B +[\d.]+ s {2}8 files\n/)
  expect(readdirSync(join(folder, 'made'))).toContain('sale_items.csv')
})
