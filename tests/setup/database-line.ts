import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** The way to a database, for one who is to lose it. */
export interface DatabaseLine {
  readonly url: string
  /** Swallows everything from now on, and closes nothing. */
  cut(): void
  /** What was cut off is closed; new connections come through. */
  mend(): void
  close(): void
}

export async function databaseLine(to: string): Promise<DatabaseLine> {
  const sockets = new Set<Socket>()
  const { hostname, port } = new URL(to)
  let whole = true
  const server = createServer((near) => {
    const far = connect(Number(port), hostname)
    for (const [from, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      from.on('data', (chunk) => whole && other.write(chunk))
      from.on('error', () => {})
      from.on('close', () => {
        sockets.delete(from)
        other.destroy()
      })
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = new URL(to)
  url.hostname = '127.0.0.1'
  url.port = String((server.address() as AddressInfo).port)
  const destroyAll = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    url: url.href,
    cut: () => {
      whole = false
    },
    mend: () => {
      destroyAll()
      whole = true
    },
    close: () => {
      destroyAll()
      server.close()
    },
  }
}
