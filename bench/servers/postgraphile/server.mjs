import { createServer } from 'node:http'
import { postgraphile } from 'postgraphile'

/** PostGraphile over the schema and database of the environment; tells its port on standard output. */
const { DATABASE_URL = '', SCHEMA = '' } = process.env
const handler = postgraphile(DATABASE_URL, SCHEMA, {
  graphiql: false,
  disableQueryLog: true,
  dynamicJson: true,
  legacyRelations: 'omit',
})
const server = createServer(handler)
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (address !== null && typeof address !== 'string') console.log(`LISTENING ${address.port}`)
})
