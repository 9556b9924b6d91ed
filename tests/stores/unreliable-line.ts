import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** A way to a real server on which things go wrong on purpose. Bytes pass unchanged until then. */
export class UnreliableLine {
  /** From clients, and to them. */
  sent = 0
  received = 0
  private readonly sockets = new Set<Socket>()
  private readonly listener: Server
  private cutAt = { sent: Number.POSITIVE_INFINITY, received: Number.POSITIVE_INFINITY }
  private silent = false
  private losing: string | undefined

  private constructor(private readonly target: URL) {
    this.listener = createServer((client) => this.join(client))
  }

  static async to(endpoint: string): Promise<UnreliableLine> {
    const line = new UnreliableLine(new URL(endpoint))
    line.listener.listen(0, '127.0.0.1')
    await once(line.listener, 'listening')
    return line
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.listener.address() as AddressInfo).port}`
  }

  /** As if the server was killed: all connections end when so many more bytes have passed, and no new one is taken. */
  dieAfter(more: { sent?: number; received?: number }): void {
    this.cutAt = {
      sent: this.sent + (more.sent ?? Number.POSITIVE_INFINITY),
      received: this.received + (more.received ?? Number.POSITIVE_INFINITY),
    }
  }

  comeBack(): void {
    this.cutAt = { sent: Number.POSITIVE_INFINITY, received: Number.POSITIVE_INFINITY }
  }

  /** Connections are taken, and nothing is answered any more. */
  fallSilent(): void {
    this.silent = true
  }

  /** The next answer to a request that begins like this is lost after the server has done its work; its connection ends. */
  loseAnswerTo(requestBegin: string): void {
    this.losing = requestBegin
  }

  async close(): Promise<void> {
    this.cutAll()
    this.listener.close()
    await once(this.listener, 'close')
  }

  private get isDead(): boolean {
    return this.sent >= this.cutAt.sent || this.received >= this.cutAt.received
  }

  private join(client: Socket): void {
    this.keep(client)
    if (this.isDead) return void client.destroy()
    const server = connect(Number(this.target.port), this.target.hostname)
    this.keep(server)
    let isLost = false
    client.on('data', (piece: Buffer) => {
      if (this.losing !== undefined && piece.subarray(0, 4_096).toString('latin1').startsWith(this.losing)) {
        this.losing = undefined
        isLost = true
      }
      this.sent += piece.length
      if (this.isDead) return this.cutAll()
      if (!server.write(piece)) {
        client.pause()
        server.once('drain', () => client.resume())
      }
    })
    server.on('data', (piece: Buffer) => {
      if (this.silent) return void server.pause()
      if (isLost) return void client.destroy()
      this.received += piece.length
      if (this.isDead) return this.cutAll()
      if (!client.write(piece)) {
        server.pause()
        client.once('drain', () => server.resume())
      }
    })
    client.on('close', () => server.end())
    // A server that has ended has said all; a reader that takes its time gets that to its last byte.
    server.on('close', () => (server.readableEnded ? client.end() : client.destroy()))
  }

  private keep(socket: Socket): void {
    this.sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.sockets.delete(socket))
  }

  private cutAll(): void {
    for (const socket of this.sockets) socket.destroy()
  }
}
