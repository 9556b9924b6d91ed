// type-graphql's decorators need it once, before the first of them is called.
import 'reflect-metadata'

export { type Access, asKnownTo } from './access/access.js'
export type { Claims, RoleDefinition } from './access/definition.js'
export { Role } from './access/role.js'
export { StatementCache } from './caching/statement-cache.js'
export { answerExtensions } from './context/answer-extensions.js'
export { answersInTime } from './context/answers-in-time.js'
export { NotRun } from './context/explanation.js'
export {
  type BuildPinned,
  RequestContext,
  type RequestFacts,
} from './context/request-context.js'
export type { GatewayServices } from './context/services.js'
export { type ErrorCode, errorCatalogue } from './errors/catalogue.js'
export { createFormatError, shortMessage } from './errors/format-error.js'
export { GoldgateError, refusal, statusOf } from './errors/goldgate-error.js'
export { toldErrors } from './errors/told-errors.js'
export { type FieldFacts, factsOf } from './factory/field-facts.js'
export { fromBuilds } from './factory/list-resolver.js'
export { roleSchema } from './factory/role-schema.js'
export { createSchema } from './factory/schema.js'
export { defaultLimits, type Limits } from './limits/limits.js'
export { fieldsOf, limitsRule } from './limits/limits-rule.js'
export { operationKindRule } from './limits/operation-kind-rule.js'
export { checkSourceDepth } from './limits/source-depth.js'
export { checkVariables } from './limits/variables.js'
export { fieldOf, rowsFieldOf } from './naming/fields.js'
export { hasVariables } from './rows/has-variables.js'
export { type ListArguments, type PageOfCells, readListCells } from './rows/list.js'
export { planTable, type TableColumn, type TablePlan } from './tables/plan.js'
export { type OpenTable, openTable, shownBytes, type TableCells } from './tables/read.js'
