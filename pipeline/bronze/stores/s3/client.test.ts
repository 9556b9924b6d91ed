import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { s3Client } from './client.js'

it('A client of S3 puts no warning about later versions of its SDK on anybody’s terminal', async () => {
  const warnings: string[] = []
  const listen = ({ message }: Error) => void warnings.push(message)
  process.on('warning', listen)
  const client = s3Client({ bucket: 'any', prefix: '', region: 'eu-west-1' }, { requestMs: 1000, connectMs: 1000 })
  process.emitWarning('another one')
  await nextTurn()
  process.off('warning', listen)
  client.destroy()
  expect(warnings).toEqual(['another one'])
})
