import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { packageRoot } from '../../../warehouses/package-root.js'

/** A file of the page, as it is sent. */
export interface Asset {
  readonly type: string
  readonly plain: Buffer
  readonly gzipped: Buffer
  readonly etag: string
}

const types = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
} as const

const own = (file: string) => () => readFile(join(packageRoot(), 'web', 'playground', file), 'utf8')
/** 9 MB of text: loaded by those who open the page. */
const graphiql = () => import('@graphql-yoga/render-graphiql/graphiql')

const sources: Readonly<Record<string, () => Promise<string>>> = {
  'index.html': own('index.html'),
  'playground.js': own('playground.js'),
  'playground.css': own('playground.css'),
  'graphiql.js': async () => (await graphiql()).js,
  'graphiql.css': async () => (await graphiql()).css,
  'editorWorkerService.worker.js': async () => (await graphiql()).editorWorkerService,
  'json.worker.js': async () => (await graphiql()).jsonWorker,
  'graphql.worker.js': async () => (await graphiql()).graphqlWorker,
}

/** The files of the playground, each read and compressed when it is first asked for. Nothing comes from another host. */
export class PlaygroundAssets {
  private readonly made = new Map<string, Promise<Asset>>()

  /** Undefined for a name that is none of them. */
  async find(name: string): Promise<Asset | undefined> {
    const source = Object.hasOwn(sources, name) ? sources[name] : undefined
    if (!source) return undefined
    const asset = this.made.get(name) ?? make(name, source)
    this.made.set(name, asset)
    return asset
  }
}

async function make(name: string, source: () => Promise<string>): Promise<Asset> {
  const plain = Buffer.from(await source())
  const extension = name.slice(name.lastIndexOf('.') + 1) as keyof typeof types
  return {
    type: types[extension],
    plain,
    gzipped: await promisify(gzip)(plain),
    etag: `"${createHash('sha256').update(plain).digest('base64url')}"`,
  }
}
