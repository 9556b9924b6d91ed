import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/**
 * One connection of HTTP that stays open and takes one question at a time, as a driver of a database does. Node's own clients take up to a millisecond for an exchange, which would be
 * counted as the server's.
 */
export class KeepAlive {
  #got = Buffer.alloc(0)
  #waiting: { readonly resolve: (body: string) => void; readonly reject: (error: Error) => void } | undefined

  private constructor(
    private readonly socket: Socket,
    private readonly head: string,
  ) {
    socket.on('data', (piece) => this.#take(piece))
    socket.on('error', (error) => this.#waiting?.reject(error))
    socket.on('close', () => this.#waiting?.reject(new Error('The server ended the connection')))
  }

  static async to(url: string, headers: Readonly<Record<string, string>>): Promise<KeepAlive> {
    const { hostname, port, host, pathname } = new URL(url)
    const socket = connect(Number(port), hostname).setNoDelay(true)
    await once(socket, 'connect')
    const lines = Object.entries({ host, 'content-type': 'application/json', ...headers })
    const head = [`POST ${pathname} HTTP/1.1`, ...lines.map(([name, value]) => `${name}: ${value}`)].join('\r\n')
    return new KeepAlive(socket, head)
  }

  /** The body of the answer, whatever its status. */
  post(body: string): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
      this.socket.write(`${this.head}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
    })
  }

  close(): void {
    this.socket.destroy()
  }

  #take(piece: Buffer): void {
    this.#got = this.#got.length === 0 ? Buffer.from(piece) : Buffer.concat([this.#got, piece])
    const end = this.#got.indexOf('\r\n\r\n')
    if (end < 0) return
    const length = /content-length: (\d+)/i.exec(this.#got.toString('latin1', 0, end))?.[1]
    if (length === undefined) {
      this.socket.destroy(new Error('An answer without its length'))
      return
    }
    const whole = end + 4 + Number(length)
    if (this.#got.length < whole) return
    const body = this.#got.toString('utf8', end + 4, whole)
    this.#got = this.#got.subarray(whole)
    this.#waiting?.resolve(body)
  }
}
