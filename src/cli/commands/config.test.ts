import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { RecordingCli } from '../../../tests/setup/recording-cli.js'
import type { CheckReport, SetupReport } from '../../checks.js'
import { exitCodeOf } from '../errors.js'

const where = { profile: 'multi', file: '/goldgate.yaml', home: '/home' }
const control = { part: 'control', name: 'control', kind: 'PostgreSQL' } as const
const reporting = { part: 'warehouse', name: 'reporting', kind: 'bigquery' } as const
const good: CheckReport = { ...where, ok: true, parts: [{ ...control, found: 'PostgreSQL 18', problems: [] }] }
const bad: CheckReport = {
  ...where,
  ok: false,
  parts: [...good.parts, { ...reporting, found: 'dataset goldgate', problems: ['No right to make jobs: grant it.'] }],
}

describe('config show', () => {
  const secrets = {
    control: { embedded: false, url: 'postgresql://me:hunter2@host:5432/db', poolSize: 8 },
    warehouses: [
      { name: 'odd', kind: 'pond', options: { apiEndpoint: 'https://me:hunter2@proxy/x?token=hunter2&a=1' } },
    ],
  } as never

  test('prints the configuration as YAML or JSON, secrets masked, and opens nothing', async () => {
    const [yaml, json] = [new RecordingCli('/here', secrets), new RecordingCli('/here', secrets)]
    expect(await yaml.run('config', 'show')).toBeUndefined()
    expect(await json.run('config', 'show', '--json')).toBeUndefined()
    expect(parse(yaml.out)).toEqual(JSON.parse(json.out))
    expect(yaml.out).not.toContain('hunter2')
    expect(JSON.parse(json.out)).toMatchObject({
      control: { url: 'postgresql://***@host:5432/db', poolSize: 8 },
      warehouses: [{ options: { apiEndpoint: 'https://***@proxy/x?token=***&a=1' } }],
    })
    expect([...yaml.calls, ...json.calls]).toEqual([])
  })
})

describe('config check', () => {
  test('says in a line what it found, and ends well', async () => {
    const cli = new RecordingCli('/here', {}, { check: async () => good })
    expect(await cli.run('config', 'check')).toBeUndefined()
    expect(cli.out).toMatch(
      /^Profile multi of \/goldgate.yaml, home \/home\n {2}ok {2}control database {2}PostgreSQL {2}PostgreSQL 18\n$/,
    )
  })

  test('puts each problem below its part, and ends with 1', async () => {
    const cli = new RecordingCli('/here', {}, { check: async () => bad })
    const error = await cli.run('config', 'check')
    expect(error).toMatchObject({ code: 'CHECK_FAILED', message: expect.stringContaining('warehouse reporting') })
    expect(exitCodeOf(error)).toBe(1)
    expect(cli.out).toMatch(
      /PROBLEM +warehouse reporting +bigquery +dataset goldgate\n {4}- No right to make jobs: grant it.\n/,
    )
  })

  test('prints JSON on request, also of what is wrong, and hands on its patience', async () => {
    let patience = 0
    const cli = new RecordingCli(
      '/here',
      {},
      {
        check: async (seconds) => {
          patience = seconds
          return bad
        },
      },
    )
    expect(await cli.run('config', 'check', '--json', '--timeout', '7')).toMatchObject({ code: 'CHECK_FAILED' })
    expect(JSON.parse(cli.out)).toEqual(bad)
    expect(patience).toBe(7)
  })
})

describe('setup', () => {
  const made: SetupReport = {
    ...where,
    ok: true,
    parts: [
      { ...control, made: ['Created the schema goldgate_control.'] },
      { ...reporting, made: [] },
    ],
  }

  test('says what it made and what was there', async () => {
    const cli = new RecordingCli('/here', {}, { setup: async () => made })
    expect(await cli.run('setup')).toBeUndefined()
    expect(cli.out).toMatch(/made +control database +PostgreSQL +Created the schema goldgate_control\.\n/)
    expect(cli.out).toMatch(/there +warehouse reporting +bigquery\n/)
  })

  test('ends with 1 when something could not be made', async () => {
    const parts = [{ ...reporting, made: [], problem: 'Dataset goldgate may not be made.' }]
    const cli = new RecordingCli('/here', {}, { setup: async () => ({ ...where, ok: false, parts }) })
    const error = await cli.run('setup')
    expect(error).toMatchObject({ code: 'SETUP_INCOMPLETE' })
    expect(exitCodeOf(error)).toBe(1)
    expect(cli.out).toContain('- Dataset goldgate may not be made.')
  })
})

test.each([
  ['config', 'nonsense'],
  ['config', 'check', '--timeout', 'soon'],
  ['config', 'check', '--timeout', '0'],
  ['config', 'check', '--timeout', '2147484'],
  ['setup', '--timeout', '86401'],
  ['setup', '--what'],
])('%s %s is a mistake in the command', async (...args) => {
  const error = await new RecordingCli('/here', {}).run(...args)
  expect(error).toMatchObject({ code: 'USAGE' })
  expect(exitCodeOf(error)).toBe(2)
})
