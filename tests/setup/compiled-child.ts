import { fileURLToPath } from 'node:url'
import type { ChildProgram } from '../../pipeline/conform/child-program.js'

/**
 * In place of `childProgram` (vitest.config.ts): the child that was built when the test run began. Hundreds of them are started, and through tsx each would first
 * load a compiler. That a parent which runs from source finds its child is for conform-process.test.ts to say.
 */
export function childProgram(): ChildProgram {
  return { file: fileURLToPath(new URL('../../.vitest/compiled/child.js', import.meta.url)), execArgv: [] }
}
