import { type ChildProcess, fork } from 'node:child_process'
import { entities as canonicalEntities } from '../../models/entities/index.js'
import type { Entity } from '../../models/types.js'
import { SourceError } from '../sources/source-error.js'
import { childProgram } from './child-program.js'
import type { ConformProgress, ConformRequest, ConformResult } from './contract.js'
import type { ConformMessage, ConformOrder } from './protocol.js'

export interface ConformOptions {
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: ConformProgress) => void
  /** Declarations of the entities; by default the canonical ones. */
  readonly entities?: readonly Entity[]
}

const keptErrorText = 4096

/**
 * Conforms in a process of its own: what brings DuckDB down does not bring this process down, and becomes CONFORM_FAILED.
 * Throws `SourceError`, or the signal's reason. The child ends with its parent.
 */
export async function conform(request: ConformRequest, options: ConformOptions = {}): Promise<ConformResult> {
  const { signal, onProgress, entities = canonicalEntities } = options
  signal?.throwIfAborted()
  const child = startChild()
  const abort = () => child.kill('SIGKILL')
  signal?.addEventListener('abort', abort, { once: true })
  try {
    return await answerOf(child, { request, entities }, onProgress)
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  } finally {
    signal?.removeEventListener('abort', abort)
    child.kill('SIGKILL')
  }
}

function answerOf(
  child: ChildProcess,
  order: ConformOrder,
  onProgress?: (progress: ConformProgress) => void,
): Promise<ConformResult> {
  const source = order.request.mapping.name
  let last: ConformProgress | undefined
  let errorText = ''
  child.stderr?.on('data', (text: Buffer) => {
    errorText = (errorText + text.toString('utf8')).slice(-keptErrorText)
  })
  return new Promise((resolve, reject) => {
    const failed = (message: string) => {
      const while_ =
        last === undefined
          ? ''
          : ` while it ${last.phase === 'read' ? 'read the dataset' : 'typed the entity'} ${last.subject}`
      const where = last?.phase === 'read' ? { source, dataset: last.subject } : { source }
      reject(new SourceError('CONFORM_FAILED', `Conforming ${source} failed${while_}: ${message}`, where))
    }
    child.on('message', (message: ConformMessage) => {
      if (message.kind === 'progress') {
        last = message.progress
        onProgress?.(message.progress)
      } else if (message.kind === 'result') resolve(message.result)
      else if (message.kind === 'source-error') reject(new SourceError(message.code, message.message, message.where))
      else failed(message.message)
    })
    child.once('error', (error) => failed(error.message))
    // The last message may still be on its way when the process is gone; `close` comes after it.
    child.once('close', (code, signal) => {
      const how = signal === null ? `exit code ${code}` : `signal ${signal}`
      failed(`its process ended with ${how}. ${errorText.trim()}`.trim())
    })
    child.send(order, (error) => {
      if (error) failed(error.message)
    })
  })
}

function startChild(): ChildProcess {
  const { file, execArgv } = childProgram()
  return fork(file, [], { execArgv, env: childEnvironment(), stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
}

/** What a process needs to run; secrets of the parent are not among it. */
function childEnvironment(): NodeJS.ProcessEnv {
  const kept = ['PATH', 'HOME', 'TMPDIR', 'TEMP', 'TMP', 'LANG', 'SystemRoot', 'USERPROFILE', 'LD_LIBRARY_PATH']
  return Object.fromEntries(
    kept.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  )
}
