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

/** Its objects may still be on their way to this machine. */
type Conformable = Omit<ConformRequest, 'objects'> & {
  readonly objects: ConformRequest['objects'] | Promise<ConformRequest['objects']>
}

/**
 * Conforms in a process of its own, which starts while the objects are being fetched: what brings DuckDB down does not bring this process down, and becomes
 * CONFORM_FAILED. Throws `SourceError`, what fetching an object threw, or the signal's reason. The child ends with its parent.
 */
export async function conform(request: Conformable, options: ConformOptions = {}): Promise<ConformResult> {
  const { signal, onProgress, entities = canonicalEntities } = options
  const objects = Promise.resolve(request.objects)
  objects.catch(() => undefined)
  signal?.throwIfAborted()
  const child = startChild()
  const abort = () => child.kill('SIGKILL')
  signal?.addEventListener('abort', abort, { once: true })
  try {
    const order = objects.then((all): ConformOrder => ({ request: { ...request, objects: all }, entities }))
    return await answerOf(child, request.mapping.name, order, onProgress)
  } catch (error) {
    await objects.catch(() => undefined)
    signal?.throwIfAborted()
    throw error
  } finally {
    signal?.removeEventListener('abort', abort)
    child.kill('SIGKILL')
  }
}

function answerOf(
  child: ChildProcess,
  source: string,
  order: Promise<ConformOrder>,
  onProgress?: (progress: ConformProgress) => void,
): Promise<ConformResult> {
  let last: ConformProgress | undefined
  let errorText = ''
  child.stderr?.on('data', (text: Buffer) => {
    errorText = (errorText + text.toString('utf8')).slice(-keptErrorText)
  })
  return new Promise((resolve, reject) => {
    const failed = (message: string) => {
      const doing = [
        ...(last?.phase === 'read' ? [`read the dataset ${last.subject}`] : []),
        ...(last?.phase === 'type' ? [`typed the entity ${last.subject}`] : []),
        ...(last?.typing === undefined ? [] : [`typed the entity ${last.typing}`]),
      ]
      const while_ = doing.length === 0 ? '' : ` while it ${doing.join(' and ')}`
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
    const send = (ready: ConformOrder) =>
      child.send(ready, (error) => {
        if (error) failed(error.message)
      })
    order.then(send).catch(reject)
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
