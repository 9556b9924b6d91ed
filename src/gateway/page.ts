import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { FastifyInstance } from 'fastify'
import { packageRoot } from '../../warehouses/package-root.js'

export interface Page {
  /** Such as `/playground`: `index.html` is served there, the other files below it. */
  readonly url: string
  /** Their texts, by name. */
  readonly files: Readonly<Record<string, () => Promise<string>>>
  /** What it may load besides scripts and answers of this host, as directives of a Content-Security-Policy. */
  readonly policy: readonly string[]
}

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
}

const everywhere = [
  ...["default-src 'none'", "script-src 'self'", "connect-src 'self'"],
  ...["base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"],
]

/** A page that loads nothing from another host and holds no data, so that anybody may open it. Each file is read and compressed when it is first asked for. */
export function servePage(app: FastifyInstance, { url, files, policy }: Page): void {
  for (const [name, source] of Object.entries(files)) {
    const type = types[name.slice(name.lastIndexOf('.') + 1)]
    if (type === undefined) throw new Error(`Nobody knows which type ${name} has`)
    let made: Promise<PageFile> | undefined
    app.get(name === 'index.html' ? url : `${url}/${name}`, { config: { open: true } }, async (request, reply) => {
      made ??= make(source)
      const { plain, gzipped, etag } = await made
      reply.headers({
        'content-security-policy': [...everywhere, ...policy].join('; '),
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-cache',
        vary: 'accept-encoding',
        etag,
      })
      if (request.headers['if-none-match'] === etag) return reply.code(304).send()
      reply.type(type)
      const compressed = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))
      return compressed ? reply.header('content-encoding', 'gzip').send(gzipped) : reply.send(plain)
    })
  }
}

/** The texts of files in a folder of `web/`. */
export function webFiles(folder: string, names: readonly string[]): Page['files'] {
  return Object.fromEntries(
    names.map((name) => [name, () => readFile(join(packageRoot(), 'web', folder, name), 'utf8')]),
  )
}

interface PageFile {
  readonly plain: Buffer
  readonly gzipped: Buffer
  readonly etag: string
}

async function make(source: () => Promise<string>): Promise<PageFile> {
  const plain = Buffer.from(await source())
  return {
    plain,
    gzipped: await promisify(gzip)(plain),
    etag: `"${createHash('sha256').update(plain).digest('base64url')}"`,
  }
}
