#!/usr/bin/env node
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { staleBuild } from './stale-build.js'

const stale = staleBuild(dirname(dirname(fileURLToPath(import.meta.url))))
if (stale !== undefined) process.stderr.write(`goldgate: ${stale}\n`)
await import('../dist/src/cli/main.js')
