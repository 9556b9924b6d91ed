import type { ApolloServerPlugin } from '@apollo/server'
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled'
import { ApolloServerPluginLandingPageLocalDefault } from '@apollo/server/plugin/landingPage/default'
import { parse, print } from 'graphql'
import type { GoldModel } from '../../models/types.js'
import { fieldOf, rowsFieldOf } from '../../resolvers/index.js'

/** Apollo Sandbox at GET /graphql with a first query in it, whatever NODE_ENV says: the configuration decides. */
export function landingPage(enabled: boolean, models: readonly GoldModel[]): ApolloServerPlugin {
  if (!enabled) return ApolloServerPluginLandingPageDisabled()
  const [first] = models
  return ApolloServerPluginLandingPageLocalDefault({
    embed: { runTelemetry: false, endpointIsEditable: false },
    footer: false,
    ...(first ? { document: firstQuery(first) } : {}),
  })
}

/** A page of the model with its key and first measures: something to run before anything is known. */
export function firstQuery(model: GoldModel): string {
  const measures = model.columns.filter((column) => column.role === 'measure').slice(0, 6)
  const fields = [...model.grain, ...measures.map((column) => column.name)].map(fieldOf)
  return print(
    parse(
      `query First { ${rowsFieldOf(model)}(first: 10) {
        nodes { ${fields.join(' ')} } pageInfo { hasNextPage endCursor } totalCount } }`,
    ),
  )
}
