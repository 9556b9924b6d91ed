/** Elements, and the inputs that an operation's parameters are asked with. */

export function node(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties)
  made.append(...children)
  return made
}

/** Descriptions mark code as Markdown does. */
export const described = (text) => text.split('`').map((part, i) => (i % 2 === 1 ? node('code', {}, part) : part))

export function field({ name, description, required = false, schema }) {
  const said = node('small', {}, ...described(description))
  if (schema.items?.enum) {
    const boxes = schema.items.enum.map((value) =>
      node('label', {}, node('input', { type: 'checkbox', name, value }), value),
    )
    return node('fieldset', {}, node('legend', {}, name), ...boxes, said)
  }
  const values = schema.type === 'boolean' ? ['true', 'false'] : (schema.enum ?? schema.examples)
  const input = values ? choice(values, schema.default) : node('input', typed(schema))
  return node('label', {}, name, Object.assign(input, { name, required }), said)
}

const choice = (values, preset) =>
  node(
    'select',
    {},
    node('option', { value: '', textContent: preset === undefined ? '' : `${preset} (default)` }),
    ...values.filter((value) => value !== preset).map((value) => node('option', {}, value)),
  )

function typed({ type, format, minimum = '', default: preset }) {
  if (format === 'date') return { type: 'date' }
  const placeholder = preset ?? (type === 'array' ? 'several with commas' : '')
  return type === 'integer' ? { type: 'number', step: 1, min: minimum, placeholder } : { type: 'text', placeholder }
}

/** What is filled in, as a query; values of a list between commas, as the document says. */
export function queryOf(given) {
  const query = new URLSearchParams()
  for (const name of new Set(given.keys())) {
    const values = given.getAll(name).filter((value) => value !== '')
    if (values.length > 0) query.set(name, values.join(','))
  }
  return query
}
