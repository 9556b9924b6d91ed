import { checkModels } from '../../models/check-model.js'
import { goldPlan } from '../../warehouses/template/gold-plan.js'
import { checksOf } from '../quality/check-build.js'
import type { PipelineParts } from '../steps/context.js'

/** Names tables that are never made. */
const nowhere = { buildId: 'nowhere', tag: 'nowhere' }

/**
 * The SQL of all models and checks for all warehouses, made once and thrown away: a mistake in a declaration or a template is said before anything is landed, not
 * when the last step of a long run comes to it. Throws MODEL_INVALID, `TemplateError`, or what is wrong with a file that is missing.
 */
export function compileFirst({
  warehouses,
  entities,
  models,
}: Pick<PipelineParts, 'warehouses' | 'entities' | 'models'>): void {
  checkModels(models)
  const names = entities.map(({ name }) => name)
  for (const { dialect } of warehouses) {
    goldPlan({ models, entities: names, dialect, build: nowhere })
    checksOf({ entities, models, dialect, build: nowhere })
  }
}
