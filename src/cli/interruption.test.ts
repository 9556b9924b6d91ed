import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { Interruption } from './interruption.js'

function pressable() {
  const clock = { now: 0 }
  const told: (string | number)[] = []
  const emitter = new EventEmitter()
  const interruption = new Interruption(
    () => clock.now,
    () => told.push('first'),
    (code) => told.push(code),
  )
  const stop = interruption.listen(emitter)
  return { clock, told, emitter, interruption, stop }
}

test('the first Ctrl-C aborts, a second one forces', () => {
  const { clock, told, emitter, interruption } = pressable()
  expect(interruption.signal.aborted).toBe(false)
  emitter.emit('SIGINT', 'SIGINT')
  expect(interruption.signal.aborted).toBe(true)
  expect(told).toEqual(['first'])
  clock.now = 2_000
  emitter.emit('SIGINT', 'SIGINT')
  expect(told).toEqual(['first', 130])
})

test('one Ctrl-C that arrives twice, from the terminal and from npm, forces nothing', () => {
  const { clock, told, emitter } = pressable()
  emitter.emit('SIGINT', 'SIGINT')
  clock.now = 5
  emitter.emit('SIGINT', 'SIGINT')
  expect(told).toEqual(['first'])
})

test('SIGTERM ends with the code that a shell expects of it', () => {
  const { emitter, interruption } = pressable()
  emitter.emit('SIGTERM', 'SIGTERM')
  expect(interruption.exitCode).toBe(143)
})

test('nothing is heard after it stopped listening', () => {
  const { told, emitter, stop } = pressable()
  stop()
  emitter.emit('SIGINT', 'SIGINT')
  expect(told).toEqual([])
})
