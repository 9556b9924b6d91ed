import { setMaxListeners } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'

declare module 'fastify' {
  interface FastifyRequest {
    /** Null before the first of the hooks. */
    exchange: Exchange | null
  }
}

/** One for all: an AbortError with its stack for each request costs more than many an answer. */
const gone = new Error('The client went away, or has its answer.')
const over = AbortSignal.abort(gone)

/** A connection, on which requests come one behind the other. It is listened to once, since a listener for each request costs as much as all other bookkeeping. */
class Connection {
  readonly open = new Set<Exchange>()
  /** Of an exchange that is over and left nothing behind. */
  spare: AbortController | undefined

  constructor(readonly ended: () => void) {}
}

/** A request with its answer, until that is sent or the client is gone. */
export class Exchange {
  /** Nothing is at work for it any more: set where an answer is whole. */
  settled = false
  /** Called once, when it is over. */
  onEnd: (() => void) | undefined
  private controller: AbortController | undefined
  private isOver = false

  constructor(
    private readonly connection: Connection,
    private readonly request: IncomingMessage,
  ) {
    connection.open.add(this)
  }

  /** Its request has come whole. */
  get asked(): boolean {
    return this.request.complete
  }

  /** Aborts when the client goes away, and behind an answer that has left something at work. Made when it is first asked for. */
  get signal(): AbortSignal {
    if (this.isOver) return over
    if (!this.controller) {
      this.controller = this.connection.spare ?? unlimited()
      this.connection.spare = undefined
    }
    return this.controller.signal
  }

  end(): void {
    if (this.isOver) return
    this.isOver = true
    const { connection, controller } = this
    connection.open.delete(this)
    if (controller && this.settled) connection.spare = controller
    else controller?.abort(gone)
    connection.ended()
    this.onEnd?.()
  }
}

/** Every statement of a request listens to it. */
function unlimited(): AbortController {
  const controller = new AbortController()
  setMaxListeners(0, controller.signal)
  return controller
}

/** All that is being answered. */
export class Exchanges {
  private readonly connections = new WeakMap<Socket, Connection>()
  private running = 0
  private emptied: (() => void) | undefined

  /** Each request that comes so far has its exchange from the first hook on. */
  constructor(app: FastifyInstance) {
    app.decorateRequest('exchange', null)
    app.addHook('onRequest', (request, _, done) => {
      request.exchange = this.begin(request.raw)
      done()
    })
    app.addHook('onResponse', (request, _, done) => {
      request.exchange?.end()
      done()
    })
  }

  /** Comes back when nothing is being answered. */
  async drained(): Promise<void> {
    if (this.running === 0) return
    await new Promise<void>((resolve) => {
      this.emptied = resolve
    })
  }

  /** Of the connection of a request: how many have no whole answer yet. */
  openOn({ socket }: Pick<IncomingMessage, 'socket'>): number {
    return this.connections.get(socket)?.open.size ?? 0
  }

  /** Comes back when all that was asked on a connection is answered. */
  async answeredOn(socket: Socket): Promise<void> {
    const asked = [...(this.connections.get(socket)?.open ?? [])].filter((each) => each.asked)
    const ended = (each: Exchange) =>
      new Promise<void>((end) => {
        each.onEnd = end
      })
    await Promise.all(asked.map(ended))
  }

  begin(request: IncomingMessage): Exchange {
    const { socket } = request
    let connection = this.connections.get(socket)
    if (!connection) {
      connection = this.connect(socket)
      this.connections.set(socket, connection)
    }
    this.running += 1
    return new Exchange(connection, request)
  }

  private connect(socket: Socket): Connection {
    const connection = new Connection(() => {
      this.running -= 1
      if (this.running === 0) this.emptied?.()
    })
    socket.once('close', () => {
      for (const each of [...connection.open]) {
        // Whoever is gone has no whole answer.
        each.settled = false
        each.end()
      }
    })
    return connection
  }
}
