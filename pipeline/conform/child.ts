import { SourceError } from '../sources/source-error.js'
import type { ConformMessage, ConformOrder } from './protocol.js'
import { runRequest } from './run-request.js'

/** The process that conforms one request. Without its parent it has no reason to live. */
const progressEveryMs = 200

// Not by exit(): that would wait for what the engine is doing, and a statement of it may take for ever.
process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'))
// Ctrl-C reaches the whole process group: whether this work stops is for the parent to say.
process.on('SIGINT', () => {})
process.once('message', (order: ConformOrder) => void perform(order))

async function perform({ request, entities }: ConformOrder): Promise<void> {
  let reported = 0
  let phase = ''
  try {
    const result = await runRequest(request, entities, (progress) => {
      const now = Date.now()
      const step = `${progress.phase} ${progress.subject}`
      if (step === phase && now - reported < progressEveryMs) return
      phase = step
      reported = now
      send({ kind: 'progress', progress })
    })
    finish({ kind: 'result', result })
  } catch (error) {
    if (error instanceof SourceError) {
      const { code, message, where } = error
      finish({ kind: 'source-error', code, message, where })
    } else finish({ kind: 'error', message: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  }
}

function send(message: ConformMessage): void {
  if (process.connected) process.send?.(message)
}

function finish(message: ConformMessage): void {
  process.send?.(message, () => process.exit(0))
}
