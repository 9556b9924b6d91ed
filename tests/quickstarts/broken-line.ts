import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

/** A line to a gateway that breaks every stream off where it can be seen the least: at the end of a row. */
export class BrokenLine {
  /** Streams broken off so far. */
  broken = 0
  private readonly server = createServer((request, response) => void this.forward(request, response))

  private constructor(private readonly gateway: string) {}

  static async open(gateway: string): Promise<BrokenLine> {
    const line = new BrokenLine(gateway)
    await new Promise<void>((resolve) => line.server.listen(0, '127.0.0.1', resolve))
    return line
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  close(): void {
    this.server.closeAllConnections()
    this.server.close()
  }

  private async forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const headers = Object.entries(request.headers).filter(([name]) => !['host', 'connection'].includes(name))
    const answer = await fetch(`${this.gateway}${request.url}`, {
      ...{ method: request.method ?? 'GET', headers: headers.map(([name, value]) => [name, String(value)]) },
      ...(request.method === 'POST' ? { body: await buffer(request) } : {}),
    })
    const body = Buffer.from(await answer.arrayBuffer())
    const type = answer.headers.get('content-type') ?? ''
    const facts = [...answer.headers].filter(([name]) => /^(content-type|x-goldgate-.*)$/.test(name))
    response.writeHead(answer.status, Object.fromEntries(facts))
    if (!answer.ok || type.startsWith('application/json')) return void response.end(body)
    this.broken += 1
    const end = type.includes('arrow') ? body.length - 8 : body.lastIndexOf('\n', body.length / 2) + 1
    response.write(body.subarray(0, end), () => response.destroy())
  }
}
