import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { z } from 'zod'

/** node:http that writes the texts of a file one after the other, whatever it is asked: what answering costs at the least. Tells its port on standard output. */
const texts = z.array(z.string()).parse(JSON.parse(readFileSync(process.env.ANSWERS ?? '', 'utf8')))
let next = 0
const server = createServer((request, response) => {
  request.resume()
  request.on('end', () => {
    const text = texts[next % texts.length] ?? ''
    next += 1
    const headers = { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(text) }
    response.writeHead(200, headers).end(text)
  })
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (address !== null && typeof address !== 'string') console.log(`LISTENING ${address.port}`)
})
