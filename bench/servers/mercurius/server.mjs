import fastify from 'fastify'
import mercurius from 'mercurius'
import pg from 'pg'

/** Mercurius with JIT and a hand-written statement: what somebody writes who needs this one endpoint. Tells its port on standard output. */
const { DATABASE_URL = '', SCHEMA = '', POOL = '10' } = process.env
const pool = new pg.Pool({ connectionString: DATABASE_URL, max: Number(POOL) })
const schema = `
  type Product { productId: String! productName: String category: String unitsSold: Float! netRevenue: String! }
  type Products { nodes: [Product!]! }
  type Query { products(from: String!): Products! }`
const text = `SELECT product_id AS "productId", product_name AS "productName", category, units_sold AS "unitsSold", net_revenue AS "netRevenue"
  FROM ${SCHEMA}.products WHERE product_id >= $1 COLLATE "C" ORDER BY product_id, source LIMIT 30`
const resolvers = {
  Query: {
    async products(_, { from }) {
      const { rows } = await pool.query({ name: 'products', text, values: [from] })
      return { nodes: rows }
    },
  },
}
const app = fastify()
await app.register(mercurius, { schema, resolvers, jit: 1 })
await app.listen({ host: '127.0.0.1', port: 0 })
const address = app.server.address()
if (address !== null && typeof address !== 'string') console.log(`LISTENING ${address.port}`)
