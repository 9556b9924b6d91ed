// GraphiQL with what it does not know of: the warehouse, an API key, and questions to begin with.
const element = (id) => document.getElementById(id)
const [example, warehouse, key, role] = ['example', 'warehouse', 'key', 'role'].map(element)

/** Of this tab only, and never in a URL. */
const remembered = (name) => sessionStorage.getItem(`goldgate:${name}`) ?? ''
const remember = (name, value) => sessionStorage.setItem(`goldgate:${name}`, value)

function ownHeaders() {
  const headers = {}
  if (warehouse.value) headers['x-goldgate-warehouse'] = warehouse.value
  if (key.value) headers.authorization = `Bearer ${key.value}`
  return headers
}

const plainFetch = window.fetch.bind(window)
// What is written in GraphiQL's own editor of headers goes before what stands in the bar.
window.fetch = (input, options = {}) => {
  const headers = new Headers(ownHeaders())
  for (const [name, value] of new Headers(options.headers)) headers.set(name, value)
  return plainFetch(input, { ...options, headers })
}

async function session() {
  const response = await fetch('playground/session')
  const body = await response.json()
  if (response.ok) return body
  return { refused: body.errors?.[0]?.message ?? `The gateway answered ${response.status}.` }
}

function show({ refused, caller, warehouses = [], defaultWarehouse, examples = [] }) {
  role.textContent = refused ?? `${caller.name} · role ${caller.role}`
  role.classList.toggle('refused', refused !== undefined)
  warehouse.replaceChildren(
    new Option(defaultWarehouse ? `${defaultWarehouse} (default)` : 'default', ''),
    ...warehouses.filter((name) => name !== defaultWarehouse).map((name) => new Option(name, name)),
  )
  warehouse.value = remembered('warehouse')
  if (warehouse.selectedIndex < 0) warehouse.value = ''
  for (const { name } of examples) example.append(new Option(name, name))
}

self.MonacoEnvironment = {
  getWorkerUrl: (_module, label) => new URL(`playground/${label}.worker.js`, location.href).href,
}

key.value = remembered('key')
element('bar').addEventListener('submit', (event) => event.preventDefault())
const given = await session()
show(given)

const address = new URL(location.href)
const examples = given.examples ?? []
const chosen = examples.find(({ name }) => name === address.searchParams.get('example')) ?? undefined
example.value = chosen?.name ?? ''

if (given.refused === undefined) {
  globalThis.YogaGraphiQL.renderYogaGraphiQL(element('root'), {
    endpoint: new URL('graphql', location.href).href,
    title: 'Goldgate playground',
    defaultQuery: examples[0]?.query ?? '',
    ...(chosen && { query: chosen.query }),
  })
} else {
  const asked = document.createElement('p')
  asked.className = 'asked'
  asked.textContent = 'Enter an API key above to begin.'
  element('root').append(asked)
}

example.addEventListener('change', () => {
  if (example.value) location.assign(`?example=${encodeURIComponent(example.value)}`)
})
warehouse.addEventListener('change', () => remember('warehouse', warehouse.value))
key.addEventListener('change', () => {
  remember('key', key.value)
  location.reload()
})
