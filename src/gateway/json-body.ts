import type { FastifyInstance } from 'fastify'

/**
 * JSON as Fastify parses it, which refuses keys that could change the prototype of objects, but calls such a body no JSON: here it says what
 * is refused.
 */
export function parseJsonBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeContentTypeParser('application/json')
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    const encoding = request.headers['content-encoding']
    if (encoding !== undefined && encoding !== 'identity') return done(encoded())
    parse(request, body, (error, value) => done(error && isJson(body) ? forbiddenKey() : error, value))
  })
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

const encoded = (): Error =>
  Object.assign(new Error('Bodies are taken as they are, without a content-encoding.'), { statusCode: 415 })

const forbiddenKey = (): Error =>
  Object.assign(
    new Error(
      'The body has a key "__proto__", or a "constructor" with a "prototype": these are refused anywhere in it.',
    ),
    { statusCode: 400 },
  )
