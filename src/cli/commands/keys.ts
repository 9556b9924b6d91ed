import { type Command, InvalidArgumentError } from 'commander'
import type { ApiKeyInfo } from '../../../pipeline/control/api-keys.js'
import { claimNameOf } from '../../../resolvers/access/definition.js'
import type { Config } from '../../config/config.js'
import { didYouMean } from '../../config/nearest.js'
import { type Cli, CliError } from '../cli.js'
import { moment, oneLine, table } from '../format.js'
import { day, several } from '../options.js'
import { printJson, printLines } from '../output.js'
import { withApp } from '../with-app.js'

const CREATE_EXAMPLES = `
The key is shown once and kept nowhere: the control database holds its SHA-256. Send it as "Authorization: Bearer …",
as x-api-key, or as the password of HTTP Basic.

Examples:
  goldgate keys create "Power BI" --role analyst --expires 90d
  goldgate keys create "shop in Vienna" --role shop --claim country=Austria --claim country=Germany`

const LIST_EXAMPLES = `
Examples:
  goldgate keys list
  goldgate keys list --json`

const REVOKE_EXAMPLES = `
From when the command returns no process takes the key.

Examples:
  goldgate keys revoke k7mq2xtd`

interface CreateFlags {
  readonly role: readonly string[]
  readonly claim?: readonly string[]
  readonly expires?: Date
  readonly json?: true
}

export function keysCommand(program: Command, cli: Cli): void {
  const keys = program
    .command('keys')
    .description('API keys: "goldgate keys create", "goldgate keys list", "goldgate keys revoke".')
  keys
    .command('create')
    .description('Make an API key and show it, once.')
    .argument('<name>', 'whose it is, for people', nameOfKey)
    .requiredOption(
      '--role <role>',
      'a role of the configuration, or "unrestricted"; of several, a request that names none gets the first',
      several(),
    )
    .option('--claim <name=value>', 'a claim that rules of roles read; given twice, a list', several(claim))
    .option('--expires <when>', 'a date, or a number of days such as 90d (default: never)', expiry)
    .option('--json', 'print it as JSON')
    .addHelpText('after', CREATE_EXAMPLES)
    .action(async (name: string, { role: roles, claim: given = [], expires, json }: CreateFlags) => {
      const claims = claimsOf(given)
      const { id, key } = await withApp(cli, async (app) => {
        checkRoles(app.config, roles)
        for (const missing of missingClaims(app.config, roles, claims)) {
          cli.stderr.write(
            `Warning: role ${missing.role} reads the claim ${missing.claim}; without it the key is refused. Give it with --claim.\n`,
          )
        }
        if (!app.config.gateway.authentication.keys) {
          cli.stderr.write(
            'Warning: no gateway of this profile asks for keys. Set gateway.authentication.keys to true.\n',
          )
        }
        return (await app.keys()).create({ name, roles, claims, expiresAt: expires })
      })
      if (json) printJson(cli.stdout, { id, key })
      else cli.stdout.write(`${key}\n`)
      cli.stderr.write(`It is not shown again. "goldgate keys revoke ${id}" takes it back.\n`)
    })
  keys
    .command('list')
    .description('List the API keys, without the keys themselves.')
    .option('--json', 'print them as JSON')
    .addHelpText('after', LIST_EXAMPLES)
    .action(async (flags: { json?: true }) => {
      const list = await withApp(cli, async (app) => (await app.keys()).list())
      const now = new Date()
      if (flags.json)
        printJson(
          cli.stdout,
          list.map((key) => ({ ...key, state: stateOf(key, now) })),
        )
      else printLines(cli.stdout, listLines(list, now))
    })
  keys
    .command('revoke')
    .description('Take an API key back, at once and in every process.')
    .argument('<id>', 'the eight characters behind ggk_')
    .addHelpText('after', REVOKE_EXAMPLES)
    .action(async (given: string) => {
      // People have the whole key at hand more often than its id.
      const id = /^ggk_([a-z0-9]{8})_/.exec(given)?.[1] ?? given
      const { name } = await withApp(cli, async (app) => (await app.keys()).revoke(id))
      cli.stdout.write(`The key ${id} of ${name} is revoked.\n`)
    })
}

function checkRoles({ roles }: Config, given: readonly string[]): void {
  const own = roles.map(({ name }) => name)
  const names = [...own, 'unrestricted']
  const unknown = given.find((name) => !names.includes(name))
  if (unknown === undefined) return
  const hint = didYouMean(unknown, names) || (own.length > 0 ? `; there are ${own.join(', ')}.` : '.')
  throw new CliError(
    'ROLE_UNKNOWN',
    `There is no role "${unknown}" in this profile${hint} Roles are made under "roles:" of the profile (docs/security.md); built in: unrestricted.`,
  )
}

function missingClaims({ roles }: Config, given: readonly string[], claims: Readonly<Record<string, unknown>>) {
  return roles
    .filter(({ name }) => given.includes(name))
    .flatMap(({ name, rows }) =>
      Object.values(rows)
        .flatMap((rule) => [rule.eq, ...[rule.in].flat()])
        .flatMap((value) => claimNameOf(value) ?? [])
        .filter((claim) => !Object.hasOwn(claims, claim))
        .map((claim) => ({ role: name, claim })),
    )
}

function nameOfKey(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('It must say whose the key is.')
  return text
}

function claim(text: string): string {
  if (!/^[^=]+=./.test(text)) throw new InvalidArgumentError('It must be like country=Austria.')
  return text
}

function claimsOf(given: readonly string[]): Record<string, string | string[]> {
  const claims = new Map<string, string[]>()
  for (const text of given) {
    const [name = '', ...value] = text.split('=')
    claims.set(name, [...(claims.get(name) ?? []), value.join('=')])
  }
  return Object.fromEntries([...claims].map(([name, values]) => [name, values.length > 1 ? values : (values[0] ?? '')]))
}

const DAY_MS = 86_400_000

function expiry(text: string): Date {
  const days = /^(\d{1,4})d$/.exec(text)?.[1]
  const at = new Date(days === undefined ? dayOf(text) : Date.now() + Number(days) * DAY_MS)
  if (at.getTime() <= Date.now()) throw new InvalidArgumentError('It must lie ahead.')
  return at
}

function dayOf(text: string): string {
  try {
    return day(text)
  } catch {
    throw new InvalidArgumentError('It must be a date such as 2027-12-31, or a number of days such as 90d.')
  }
}

type State = 'good' | 'expired' | 'revoked'

function stateOf({ revokedAt, expiresAt }: ApiKeyInfo, now: Date): State {
  if (revokedAt) return 'revoked'
  return expiresAt && expiresAt <= now ? 'expired' : 'good'
}

function listLines(keys: readonly ApiKeyInfo[], now: Date): string[] {
  if (keys.length === 0) return ['There are no API keys. "goldgate keys create" makes one.']
  const shown = (date: Date | null, otherwise: string): string => (date ? moment(date.toISOString()) : otherwise)
  const state = (key: ApiKeyInfo): string => `${stateOf(key, now)} ${shown(key.revokedAt, '')}`.trimEnd()
  const claims = (key: ApiKeyInfo): string =>
    Object.entries(key.claims)
      .map(([name, value]) => `${name}=${[value].flat().join(',')}`)
      .join(' ')
  const lines = keys.map((key) => [
    ...[key.id, oneLine(key.name, 40), key.roles.join(', '), oneLine(claims(key), 60), state(key)],
    ...[moment(key.createdAt.toISOString()), shown(key.expiresAt, 'never'), shown(key.lastUsedAt, 'never')],
  ])
  return [table(['id', 'name', 'roles', 'claims', 'state', 'created', 'expires', 'last used'], lines)]
}
