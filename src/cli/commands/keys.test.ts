import { expect, test } from 'vitest'
import type { RoleDefinition } from '../../../resolvers/access/definition.js'
import { RecordingCli } from '../../../tests/setup/recording-cli.js'
import type { Config } from '../../config/config.js'

const roles: RoleDefinition[] = [
  { name: 'shop', rows: { country: { in: '$claims.country' } }, hide: [], limits: {} },
  { name: 'analyst', rows: {}, hide: [], limits: {} },
]

test('makes a key for roles that there are, with claims; the key alone goes to the output', async () => {
  const cli = new RecordingCli('/here', { roles })
  const flags = [
    '--role',
    'shop',
    '--role',
    'analyst',
    '--claim',
    'country=AT',
    '--claim',
    'country=DE',
    '--claim',
    'team=a=b',
  ]
  expect(await cli.run('keys', 'create', 'Vienna', ...flags, '--expires', '2999-01-01')).toBeUndefined()
  expect(cli.calls[1]).toEqual([
    'create',
    {
      ...{ name: 'Vienna', roles: ['shop', 'analyst'], claims: { country: ['AT', 'DE'], team: 'a=b' } },
      expiresAt: new Date('2999-01-01T00:00:00Z'),
    },
  ])
  expect(cli.out).toBe('ggk_k7mq2xtd_secret\n')
  expect(cli.err).not.toContain('secret')
})

test('warns of a claim that a role reads and the key does not carry', async () => {
  const cli = new RecordingCli('/here', { roles })
  expect(await cli.run('keys', 'create', 'Vienna', '--role', 'shop')).toBeUndefined()
  expect(cli.err).toContain('role shop reads the claim country')
})

test.each([
  ['a role that is not there', ['--role', 'shopp'], 'ROLE_UNKNOWN'],
  ['no role', [], 'USAGE'],
  ['a claim without a value', ['--role', 'shop', '--claim', 'country'], 'USAGE'],
  ['an expiry that is past', ['--role', 'shop', '--expires', '2020-01-01'], 'USAGE'],
  ['an expiry at once', ['--role', 'shop', '--expires', '0d'], 'USAGE'],
])('makes none for %s', async (_, flags, code) => {
  const cli = new RecordingCli('/here', { roles })
  expect(await cli.run('keys', 'create', 'Vienna', ...flags)).toMatchObject({ code })
  expect(cli.calls.map(([name]) => name)).not.toContain('create')
})

test('makes none without a name', async () => {
  const cli = new RecordingCli('/here', { roles })
  expect(await cli.run('keys', 'create', ' ', '--role', 'shop')).toMatchObject({ code: 'USAGE' })
})

test('a role that is not there is told where roles are made, and which is there anyway', async () => {
  const told = async (given: readonly RoleDefinition[], role: string) => {
    const cli = new RecordingCli('/here', { roles: given })
    return (await cli.run('keys', 'create', 'BI', '--role', role)) as Error
  }
  const made = 'Roles are made under "roles:" of the profile (docs/security.md); built in: unrestricted.'
  expect((await told([], 'analyst')).message).toBe(`There is no role "analyst" in this profile. ${made}`)
  expect((await told(roles, 'shopp')).message).toBe(
    `There is no role "shopp" in this profile; did you mean "shop"? ${made}`,
  )
  expect((await told(roles, 'bi')).message).toBe(
    `There is no role "bi" in this profile; there are shop, analyst. ${made}`,
  )
})

test('warns where no gateway asks for keys', async () => {
  const warned = async (keys: boolean) => {
    const cli = new RecordingCli('/here', { roles, gateway: { authentication: { keys } } as Config['gateway'] })
    expect(await cli.run('keys', 'create', 'BI', '--role', 'analyst')).toBeUndefined()
    return cli.err.includes('no gateway of this profile asks for keys')
  }
  expect([await warned(false), await warned(true)]).toEqual([true, false])
})

test('an expiry that is none is told both ways to write one', async () => {
  const cli = new RecordingCli('/here', { roles })
  const error = await cli.run('keys', 'create', 'BI', '--role', 'analyst', '--expires', 'tomorrow')
  expect(error).toMatchObject({ code: 'USAGE', message: expect.stringContaining('90d') })
})

test('the list as JSON says of each key whether it is good', async () => {
  const cli = new RecordingCli('/here', { roles })
  await cli.run('keys', 'list', '--json')
  expect(JSON.parse(cli.out)).toMatchObject([{ id: 'k7mq2xtd', claims: { country: ['AT', 'DE'] }, state: 'good' }])
})

test('lists keys, and takes one back by its id or by the whole key', async () => {
  const cli = new RecordingCli('/here', { roles })
  await cli.run('keys', 'list')
  expect(cli.out).toMatch(
    /k7mq2xtd +Power BI +analyst +country=AT,DE +good +2026-11-21 09:06:46 +2027-01-01 00:00:00 +never/,
  )
  await cli.run('keys', 'revoke', 'k7mq2xtd')
  await cli.run('keys', 'revoke', `ggk_k7mq2xtd_${'x'.repeat(43)}`)
  expect(cli.calls.filter(([name]) => name === 'revoke')).toEqual([
    ['revoke', 'k7mq2xtd'],
    ['revoke', 'k7mq2xtd'],
  ])
})
