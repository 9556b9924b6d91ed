import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { modelDocument, modelDocumentPath } from './model-document.js'

it('docs/model.md is what the declarations say (if not: npx tsx scripts/write-model-docs.ts)', () => {
  expect(readFileSync(modelDocumentPath(), 'utf8')).toBe(modelDocument())
})
