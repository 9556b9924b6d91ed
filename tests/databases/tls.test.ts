import { chmod, chown, copyFile, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ControlConnection } from '../../pipeline/control/connection.js'
import { ControlDatabase } from '../../pipeline/control/database.js'
import { Lease } from '../../pipeline/control/lease.js'
import { EmbeddedPostgres } from '../../src/embedded-postgres/server.js'
import { adapterOf } from '../../warehouses/adapters/registry.js'
import { packageRoot } from '../../warehouses/package-root.js'
import { postgresTls } from '../../warehouses/postgresql/tls.js'

const fixture = (name: string) => join(packageRoot(), 'tests', 'fixtures', 'tls', name)
const ca = fixture('ca.pem')
const tls = (settings: object) => postgresTls.parse(settings)

let home: string
let server: EmbeddedPostgres

/** The certificate is made out to this name; the address is another one. */
const named = (query = '') => server.url('control').replace('127.0.0.1', 'localhost') + query
const byAddress = () => server.url('control')

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'goldgate tls '))
  server = await EmbeddedPostgres.open(home)
  await server.database('control')
})
afterAll(async () => {
  await server.close()
  await rm(home, { recursive: true, force: true })
})

/** PostgreSQL reads a key only from a file of its own account that nobody else may read. */
async function switchTls(on: boolean): Promise<void> {
  const client = new pg.Client({ connectionString: server.url('postgres') })
  await client.connect()
  const { rows } = await client.query<{ folder: string }>(`SELECT current_setting('data_directory') AS folder`)
  const folder = rows[0]?.folder ?? ''
  const owner = await stat(folder)
  for (const name of ['server.pem', 'server.key']) {
    await copyFile(fixture(name), join(folder, name))
    await chown(join(folder, name), owner.uid, owner.gid)
    await chmod(join(folder, name), 0o600)
  }
  for (const setting of [`ssl_cert_file = 'server.pem'`, `ssl_key_file = 'server.key'`, `ssl = ${on ? 'on' : 'off'}`])
    await client.query(`ALTER SYSTEM SET ${setting}`)
  await client.query('SELECT pg_reload_conf()')
  for (let encrypted = !on; encrypted !== on; await pause(50)) encrypted = await accepts()
  await client.end()
}

async function accepts(): Promise<boolean> {
  const client = new pg.Client({ connectionString: server.url('postgres'), ssl: { rejectUnauthorized: false } })
  client.on('error', () => undefined)
  return client.connect().then(
    () => client.end().then(() => true),
    () => false,
  )
}

async function isEncrypted(connection: ControlConnection): Promise<boolean> {
  const database = await ControlDatabase.open(connection)
  try {
    const { rows } = await database.pool.query('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()')
    return rows[0]?.ssl
  } finally {
    await database.close()
  }
}

const refused = (message: string) => ({ code: 'CONTROL_UNAVAILABLE', message: expect.stringContaining(message) })

describe('a control database with TLS', () => {
  beforeAll(() => switchTls(true))

  test('is verified against the authority that the file names', async () => {
    expect(await isEncrypted({ url: named(), tls: tls({ ca }) })).toBe(true)
    // Whatever weaker thing the URL says besides.
    expect(await isEncrypted({ url: named('?sslmode=prefer'), tls: tls({ ca }) })).toBe(true)
  })

  test('is refused when another authority, or none that is known, signed its certificate', async () => {
    for (const settings of [{}, { ca: fixture('other-ca.pem') }])
      await expect(ControlDatabase.open({ url: named(), tls: tls(settings) })).rejects.toMatchObject(refused('tls.ca'))
  })

  test('is refused under an address that its certificate is not made out to', async () => {
    await expect(ControlDatabase.open({ url: byAddress(), tls: tls({ ca }) })).rejects.toMatchObject(
      refused('Use a host name in the url that the certificate is made out to'),
    )
  })

  test('is verified also where only the URL asks for TLS', async () => {
    for (const mode of ['require', 'prefer', 'verify-ca', 'verify-full', 'a typing mistake'])
      await expect(ControlDatabase.open({ url: named(`?sslmode=${mode}`) }), mode).rejects.toMatchObject(
        refused('tls.ca'),
      )
    expect(await isEncrypted({ url: named(`?sslmode=verify-full&sslrootcert=${encodeURIComponent(ca)}`) })).toBe(true)
  })

  test('is believed unseen only when that is said', async () => {
    expect(await isEncrypted({ url: byAddress(), tls: tls({ rejectUnauthorized: false }) })).toBe(true)
    expect(await isEncrypted({ url: byAddress().concat('?sslmode=no-verify') })).toBe(true)
    expect(await isEncrypted({ url: byAddress() })).toBe(false)
    expect(await isEncrypted({ url: byAddress(), tls: tls({ enabled: false }) })).toBe(false)
  })

  test('is never talked to by a URL that undoes what the file asks for', async () => {
    for (const mode of ['sslmode=disable', 'sslmode=no-verify', 'ssl=0', 'sslmode=require&uselibpqcompat=true'])
      await expect(ControlDatabase.open({ url: named(`?${mode}`), tls: tls({ ca }) }), mode).rejects.toMatchObject(
        refused('the url'),
      )
  })

  test('leases and postgres warehouses use the same settings', async () => {
    const lease = await Lease.acquire({ url: named(), tls: tls({ ca }), seconds: 5 })
    await lease.release()
    await expect(Lease.acquire({ url: named(), tls: tls({}), seconds: 5 })).rejects.toMatchObject(refused('tls.ca'))
    const adapter = adapterOf('postgres')
    const open = (settings: object) =>
      adapter.open('main', adapter.parseOptions({ url: named(), tls: settings }), {
        directory: home,
        embeddedPostgres: () => Promise.reject(new Error('not embedded')),
      })
    const [verified, unknown] = [await open({ ca }), await open({})]
    try {
      await verified.ping()
      expect(await verified.diagnose()).toMatchObject({ found: expect.stringContaining(', encrypted,'), problems: [] })
      await expect(unknown.ping()).rejects.toMatchObject({ code: 'WAREHOUSE_UNAVAILABLE' })
      expect((await unknown.diagnose()).problems.join()).toContain('tls.ca')
    } finally {
      await verified.close()
      await unknown.close()
    }
  })
})

describe('a control database without TLS', () => {
  beforeAll(() => switchTls(false))

  test('is refused where the file asks for it, and not talked to in the clear', async () => {
    await expect(ControlDatabase.open({ url: named(), tls: tls({ ca }) })).rejects.toMatchObject(
      refused('Switch TLS on in the server'),
    )
  })
})
