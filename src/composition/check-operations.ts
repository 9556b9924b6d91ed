import { goldModels } from '../../models/gold/index.js'
import { createSchema, defaultLimits } from '../../resolvers/index.js'
import type { Diagnosis } from '../../warehouses/contract/diagnosis.js'
import type { Config } from '../config/config.js'
import { loadOperations } from '../gateway/operations/load.js'
import { rulesOf } from '../gateway/questions/rules.js'
import { sentenceOf } from './message-of.js'
import { operationFolders } from './operation-folders.js'

/** Loads the stored operations as a gateway would that starts now; what is wrong with one would keep it from that. */
export async function diagnoseOperations(config: Config): Promise<Diagnosis> {
  const folders = operationFolders(config)
  const found = folders.join(', ')
  const rules = rulesOf({ ...defaultLimits, ...config.gateway.limits }, { introspection: true })
  try {
    const operations = await loadOperations(folders, createSchema(goldModels), rules)
    return { found: `${operations.size} of ${found}`, problems: [] }
  } catch (error) {
    const advice = 'Correct it, or "gateway.operations" in goldgate.yaml: no gateway starts before.'
    return { found, problems: [`${sentenceOf(error)} ${advice}`] }
  }
}
