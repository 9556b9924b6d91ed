/** Everything on this page is made of the OpenAPI document of this gateway; nothing is read from another host. */
import { described, field, node, queryOf } from './form.js'

const element = (id) => document.getElementById(id)
const key = element('key')
let paths = {}
let asking = new AbortController()

const headers = () => (key.value === '' ? {} : { authorization: `Bearer ${key.value}` })

/** What was asked before is of no interest any more: the gateway cancels it. */
function begin() {
  asking.abort()
  asking = new AbortController()
  return asking.signal
}

async function load() {
  const response = await fetch('openapi.json', { headers: headers() })
  const body = await response.json()
  if (response.status === 401 && key.value === '') return say('Enter an API key above to begin.')
  if (!response.ok) return say(body.errors?.[0]?.message ?? response.statusText)
  paths = Object.fromEntries(Object.entries(body.paths).filter(([path, { get }]) => get && !path.includes('{')))
  element('operations').replaceChildren(
    ...Object.entries(paths).map(([path, { get }]) =>
      node('a', { href: `#${path}`, title: get.summary, textContent: path.replace('/api/v1/', '') }),
    ),
  )
  show()
}

function show() {
  begin()
  const path = paths[location.hash.slice(1)] ? location.hash.slice(1) : Object.keys(paths)[0]
  if (path === undefined) return say('There are no operations.')
  for (const link of document.querySelectorAll('nav a'))
    link.toggleAttribute('aria-current', link.getAttribute('href') === `#${path}`)
  const { summary, parameters } = paths[path].get
  element('path').textContent = `GET ${path}`
  element('summary').replaceChildren(...described(summary))
  const format = node(
    'select',
    { name: 'format' },
    ...['json', 'csv', 'ndjson', 'arrow'].map((each) => node('option', {}, each)),
  )
  element('form').replaceChildren(
    ...parameters.filter(({ in: place }) => place === 'query').map(field),
    node('label', {}, 'format', format),
    node('button', { type: 'submit' }, 'Run'),
  )
  element('form').dataset.path = path
  for (const id of ['answer', 'command', 'status']) element(id).replaceChildren()
}

function run() {
  const given = new FormData(element('form'))
  const format = given.get('format')
  given.delete('format')
  const query = queryOf(given)
  // Seen from this page: the gateway may be mounted below a path.
  const path = `${element('form').dataset.path.slice(1)}${format === 'json' ? '' : `.${format}`}`
  return ask(new URL(`${path}${query.size > 0 ? `?${query}` : ''}`, location.href), format)
}

/** One page of JSON, `before` rows into the table, or a whole file. */
async function ask(address, format, before = 0) {
  const signal = begin()
  const authorization = key.value === '' ? '' : ' --header "Authorization: Bearer $GOLDGATE_KEY"'
  element('command').textContent = `curl --fail${authorization} '${address.href.replaceAll("'", '%27')}'`
  say('…')
  const started = performance.now()
  const response = await fetch(address, { headers: headers(), signal })
  const took = () => `${response.status} · ${Math.round(performance.now() - started)} ms`
  if (response.ok && format !== 'json') return save(await response.blob(), address, took)
  const body = await response.json()
  if (!response.ok) {
    element('answer').replaceChildren()
    return say(`${took()} · ${body.errors?.[0]?.extensions.code}: ${body.errors?.[0]?.message}`)
  }
  const { rows, rowCount, next, extensions } = body
  const [build] = extensions.goldgate.builds
  const from = before > 0 ? ` from row ${before + 1} on` : ''
  say(
    `${took()} · ${rowCount} rows${from}${next ? ', and more' : ''} · build ${build?.build ?? 'none'} of ${build?.warehouse ?? 'none'}`,
  )
  element('answer').replaceChildren(
    tableOf(rows),
    ...(next ? [nextPage(new URL(next, address), before + rowCount)] : []),
  )
}

function nextPage(address, before) {
  const button = node('button', { type: 'button' }, 'Next page')
  button.addEventListener('click', () => attempt(ask(address, 'json', before)))
  return button
}

function save(blob, address, took) {
  const name = address.pathname.split('/api/v1/')[1].replaceAll('/', '-')
  const link = node('a', { href: URL.createObjectURL(blob), download: name, textContent: name })
  element('answer').replaceChildren(link)
  say(`${took()} · ${blob.size} bytes`)
}

function tableOf(rows) {
  const { schema } = paths[element('form').dataset.path].get.responses[200].content['application/json']
  const columns = Object.entries(schema.properties.rows.items.properties)
  const head = columns.map(([name, { description }]) =>
    node('th', { scope: 'col', title: description.replaceAll('`', '') }, name),
  )
  const cell = (value, { type }) =>
    (value ?? null) === null
      ? node('td', { className: 'null' }, 'NULL')
      : node('td', { className: [type].flat().some((each) => /number|integer/.test(each)) ? 'number' : '' }, `${value}`)
  const lines = rows.map((row) => node('tr', {}, ...columns.map(([name, column]) => cell(row[name], column))))
  return node('table', {}, node('thead', {}, node('tr', {}, ...head)), node('tbody', {}, ...lines))
}

function say(text) {
  element('status').textContent = text
}

/** A stream that broke off has no end, and is not saved. */
const attempt = (work) => work.catch((error) => error.name !== 'AbortError' && say(`${error}`))

// Of this tab only, and shared with the playground.
key.value = sessionStorage.getItem('goldgate:key') ?? ''
key.addEventListener('change', () => {
  sessionStorage.setItem('goldgate:key', key.value)
  attempt(load())
})
element('form').addEventListener('submit', (event) => {
  event.preventDefault()
  attempt(run())
})
addEventListener('hashchange', show)
attempt(load())
