import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { loadConfig } from '../../src/config/load-config.js'
import { packageRoot } from '../../warehouses/package-root.js'

/** What these tests look at; the rest of the file was held against the specification of compose by its own loader (docs/docker.md). */
const service = z.object({
  image: z.string(),
  build: z.string().optional(),
  environment: z.record(z.string(), z.string()).default({}),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  healthcheck: z.looseObject({ test: z.array(z.string()).optional() }).optional(),
})
const schema = z.object({
  services: z.record(z.string(), service),
  volumes: z.record(z.string(), z.null()),
})

const read = (name: string) => readFileSync(join(packageRoot(), name), 'utf8')
const compose = schema.parse(
  parse(read('docker-compose.yml').replaceAll(/\$\{[A-Z_]+:-([^}]*)\}/g, '$1'), { merge: true }),
)
const { gateway, setup, ...servers } = compose.services

test('no port is published beyond this machine, and only the gateway’s is', () => {
  const ports = Object.entries(compose.services).flatMap(([name, each]) => each.ports.map((port) => [name, port]))
  expect(ports).toEqual([['gateway', '127.0.0.1:4000:4000']])
})

test('the gateway gets a complete profile multi, and may listen beyond its container in so many words', () => {
  const env: Record<string, string> = { ...gateway?.environment, GOLDGATE_HOME: '/var/lib/goldgate' }
  const config = loadConfig({ cwd: '/nowhere', env })
  expect(config).toMatchObject({ profile: 'multi', gateway: { host: '0.0.0.0', exposed: true } })
  expect(config.stores.map(({ kind }) => kind)).toEqual(['s3', 'gcs'])
  expect(config.warehouses.map(({ kind }) => kind)).toEqual(['postgres', 'bigquery'])
  const { GOLDGATE_EXPOSED: _, ...unsaid } = env
  expect(() => loadConfig({ cwd: '/nowhere', env: unsaid })).toThrow(
    'HOST ("0.0.0.0") has to be an address of this machine alone',
  )
})

test('setup is the same program with the same variables', () => {
  expect(setup).toMatchObject({ image: gateway?.image, build: '.' })
  expect(setup?.environment).toEqual(gateway?.environment)
})

test('every server has a health check and keeps its data in a named volume', () => {
  expect(Object.keys(servers).sort()).toEqual(['bigquery', 'gcs', 'minio', 'postgres'])
  for (const [name, { volumes, healthcheck }] of Object.entries(servers)) {
    expect(healthcheck?.test?.[0], name).toBe('CMD')
    expect(volumes.map((volume) => volume.split(':')[0])).toEqual([name])
  }
  expect(Object.keys(compose.volumes).sort()).toEqual(['bigquery', 'gcs', 'home', 'minio', 'postgres'])
})

test('the servers are the ones that the gateway asks for', () => {
  const hosts = Object.values(gateway?.environment ?? {}).flatMap((value) =>
    URL.canParse(value) ? [new URL(value).hostname] : [],
  )
  expect([...new Set(hosts)].sort()).toEqual(Object.keys(servers).sort())
})

test('the gateway is not called unhealthy while the first run goes on', () => {
  expect(gateway?.healthcheck).toEqual({ start_period: '600s' })
})

test('every image has a version, and none is the latest', () => {
  for (const { image } of Object.values(servers)) expect(image).toMatch(/:(?!latest)[\w.-]+$/)
})
