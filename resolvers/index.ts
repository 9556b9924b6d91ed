// type-graphql's decorators need it once, before the first of them is called.
import 'reflect-metadata'

export { answerExtensions } from './context/answer-extensions.js'
export { answersInTime, type GatewayServices, RequestContext, type RequestFacts } from './context/request-context.js'
export { type ErrorCode, errorCatalogue } from './errors/catalogue.js'
export { createFormatError } from './errors/format-error.js'
export { GoldgateError, refusal } from './errors/goldgate-error.js'
export { createSchema } from './factory/schema.js'
export { defaultLimits, type Limits } from './limits/limits.js'
export { limitsRule } from './limits/limits-rule.js'
export { checkVariableDepth } from './limits/variables.js'
export { fieldOf, rowsFieldOf } from './naming/fields.js'
