import { writeFileSync } from 'node:fs'
import { modelDocument, modelDocumentPath } from './model-document.js'

writeFileSync(modelDocumentPath(), modelDocument())
