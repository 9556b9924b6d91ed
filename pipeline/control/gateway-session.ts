import { Socket } from 'node:net'
import { hostname } from 'node:os'
import pg from 'pg'
import { leaseMs } from './acknowledgement.js'
import { type ControlConnection, controlClientConfig } from './connection.js'
import type { Query } from './published-builds.js'

/** An answer that takes longer than a lease is of no use, and a network that was cut answers nothing and fails nothing. */
const answerMs = leaseMs

/** Rows of gateways that ended without saying so. */
const FORGOTTEN = `lease_until < clock_timestamp() - interval '1 hour'`

/** The connection on which a gateway is told of changes, holds its lease and acknowledges. Whatever fails on it, it is of no more use: `destroy` it. */
export class GatewaySession {
  private acknowledged: string | undefined

  private constructor(
    private readonly id: string,
    private readonly client: pg.Client,
    private readonly socket: Socket,
  ) {}

  /** `id`: of the gateway, whose lease goes on when it connects again. `onNews`: something changed, or the connection ended. */
  static async open(id: string, connection: ControlConnection, onNews: () => void): Promise<GatewaySession> {
    const config = await controlClientConfig(connection)
    const socket = new Socket()
    const client = new pg.Client({
      ...config,
      stream: () => socket,
      query_timeout: answerMs,
      connectionTimeoutMillis: answerMs,
      application_name: 'goldgate pointers',
    })
    client.on('error', onNews)
    client.on('end', onNews)
    client.on('notification', onNews)
    const session = new GatewaySession(id, client, socket)
    try {
      await client.connect()
      await session.query('LISTEN goldgate_pointers')
      return session
    } catch (error) {
      session.destroy()
      throw error
    }
  }

  readonly query: Query = async <R extends pg.QueryResultRow>(sql: string, params: readonly unknown[] = []) =>
    (await this.client.query<R>(sql, [...params])).rows

  async renew(ms: number): Promise<void> {
    await this.query(
      `INSERT INTO goldgate_control.gateways AS g (id, holder, lease_until, acknowledged)
       VALUES ($1, $2, clock_timestamp() + make_interval(secs => $3), 0)
       ON CONFLICT (id) DO UPDATE SET lease_until = EXCLUDED.lease_until`,
      [this.id, `process ${process.pid} on ${hostname()}`, ms / 1000],
    )
  }

  async generation(): Promise<string> {
    const [row] = await this.query<{ generation: string }>('SELECT generation::text FROM goldgate_control.generation')
    if (!row) throw new Error('The control database has no generation: its schema was changed by hand.')
    return row.generation
  }

  /** What this process answers from is not older than `generation`. */
  async acknowledge(generation: string): Promise<void> {
    if (this.acknowledged === generation) return
    await this.query('UPDATE goldgate_control.gateways SET acknowledged = $2 WHERE id = $1', [this.id, generation])
    await this.query(`DELETE FROM goldgate_control.gateways WHERE ${FORGOTTEN}`)
    this.acknowledged = generation
  }

  async leave(): Promise<void> {
    await this.query('DELETE FROM goldgate_control.gateways WHERE id = $1', [this.id])
    await this.client.end()
  }

  /** At once, whatever the other end does. */
  destroy(): void {
    this.socket.destroy()
  }
}
