import { ApolloServer } from '@apollo/server'
import { fastifyApolloHandler } from '@as-integrations/fastify'
import { fastify } from 'fastify'

/** Apollo Server that answers 30 constant rows: what the machinery costs by itself. Tells its port on standard output. */
const typeDefs = `
  type Row { productId: String! productName: String category: String unitsSold: Float! netRevenue: String! }
  type Rows { nodes: [Row!]! }
  type Query { rows(from: String!): Rows! }`
const nodes = Array.from({ length: 30 }, (_, i) => ({
  productId: `P${String(i).padStart(5, '0')}`,
  productName: `Product number ${i}`,
  category: 'Home',
  unitsSold: i * 7,
  netRevenue: `${i * 1234}.50`,
}))
const apollo = new ApolloServer({ typeDefs, resolvers: { Query: { rows: () => ({ nodes }) } } })
await apollo.start()
const app = fastify()
app.route({ method: ['GET', 'POST'], url: '/graphql', handler: fastifyApolloHandler(apollo) })
await app.listen({ host: '127.0.0.1', port: 0 })
const address = app.server.address()
if (address !== null && typeof address !== 'string') console.log(`LISTENING ${address.port}`)
