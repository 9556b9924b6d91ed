/** Everything on this page is made of the OpenAPI document of this gateway; nothing is read from another host. */
const element = (id) => document.getElementById(id)
const key = element('key')
let paths = {}

const headers = () => (key.value === '' ? {} : { authorization: `Bearer ${key.value}` })

function node(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties)
  made.append(...children)
  return made
}

async function load() {
  const response = await fetch('openapi.json', { headers: headers() })
  const body = await response.json()
  if (!response.ok) return say(body.errors?.[0]?.message ?? response.statusText)
  paths = Object.fromEntries(Object.entries(body.paths).filter(([path]) => !path.includes('{')))
  element('operations').replaceChildren(
    ...Object.entries(paths).map(([path, { get }]) =>
      node('a', { href: `#${path}`, title: get.summary, textContent: path.replace('/api/v1/', '') }),
    ),
  )
  show()
}

function show() {
  const path = paths[location.hash.slice(1)] ? location.hash.slice(1) : Object.keys(paths)[0]
  if (path === undefined) return say('There are no operations.')
  for (const link of document.querySelectorAll('nav a'))
    link.toggleAttribute('aria-current', link.getAttribute('href') === `#${path}`)
  const { summary, parameters } = paths[path].get
  element('path').textContent = `GET ${path}`
  element('summary').textContent = summary
  const format = node(
    'select',
    { name: 'format' },
    ...['json', 'csv', 'ndjson', 'arrow'].map((each) => node('option', {}, each)),
  )
  element('form').replaceChildren(
    ...parameters.filter(({ in: place }) => place === 'query').map(field),
    node('label', {}, 'format', format),
    node('label', {}, ' ', node('button', { type: 'submit' }, 'Run')),
  )
  element('form').dataset.path = path
  for (const id of ['answer', 'command', 'status']) element(id).replaceChildren()
}

function field({ name, description, required, schema }) {
  const input = schema.enum
    ? node('select', { name }, node('option'), ...schema.enum.map((each) => node('option', {}, each)))
    : node('input', { name, type: schema.format === 'date' ? 'date' : 'text', required: required === true })
  if (schema.default !== undefined) input.placeholder = schema.default
  return node('label', {}, name, input, node('small', {}, description))
}

async function run(event) {
  event.preventDefault()
  const given = new FormData(element('form'))
  const format = given.get('format')
  given.delete('format')
  const query = new URLSearchParams([...given].filter(([, value]) => value !== ''))
  // Seen from this page: the gateway may be mounted below a path.
  const address = `${element('form').dataset.path.slice(1)}${format === 'json' ? '' : `.${format}`}${query.size > 0 ? `?${query}` : ''}`
  const authorization = key.value === '' ? '' : ' --header "Authorization: Bearer $GOLDGATE_KEY"'
  element('command').textContent =
    `curl --fail${authorization} '${new URL(address, location.href).href.replaceAll("'", '%27')}'`
  say('…')
  const started = performance.now()
  const response = await fetch(address, { headers: headers() })
  const took = () => `${response.status} · ${Math.round(performance.now() - started)} ms`
  if (response.ok && format !== 'json') return save(await response.blob(), address, took)
  const body = await response.json()
  if (!response.ok) {
    element('answer').replaceChildren()
    return say(`${took()} · ${body.errors?.[0]?.extensions.code}: ${body.errors?.[0]?.message}`)
  }
  const [build] = body.extensions.goldgate.builds
  say(
    `${took()} · ${body.rowCount} rows${body.truncated ? ', and more' : ''} · build ${build?.build ?? 'none'} of ${build?.warehouse ?? 'none'}`,
  )
  element('answer').replaceChildren(tableOf(body.rows))
}

function save(blob, address, took) {
  const name = address.split('?')[0].split('/').slice(2).join('-')
  const link = node('a', { href: URL.createObjectURL(blob), download: name, textContent: name })
  element('answer').replaceChildren(link)
  say(`${took()} · ${blob.size} bytes`)
}

function tableOf(rows) {
  const names = Object.keys(rows[0] ?? {})
  const head = node('tr', {}, ...names.map((name) => node('th', { scope: 'col' }, name)))
  return node(
    'table',
    {},
    head,
    ...rows.map((row) => node('tr', {}, ...names.map((name) => node('td', {}, row[name] ?? '')))),
  )
}

function say(text) {
  element('status').textContent = text
}

element('form').addEventListener('submit', (event) => run(event).catch((error) => say(String(error))))
key.addEventListener('change', () => load().catch((error) => say(String(error))))
addEventListener('hashchange', show)
load().catch((error) => say(String(error)))
