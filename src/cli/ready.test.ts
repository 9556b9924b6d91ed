import { expect, test } from 'vitest'
import { readyLines } from './ready.js'

const textOf = (authentication: { readonly keys: boolean; readonly anonymous?: string }) =>
  readyLines({
    url: 'http://127.0.0.1:4000',
    landingPage: true,
    authentication: { ...authentication, failuresPerMinute: 60 },
  }).join('\n')

test('where callers must prove who they are, the first query carries a key, and a line makes one', () => {
  const text = textOf({ keys: true })
  expect(text).toMatch(/^GOLDGATE_KEY="\$\(npx goldgate keys create .+ --role unrestricted .+\)"$/m)
  expect(text).toMatch(/^curl .* -H "authorization: Bearer \$GOLDGATE_KEY" /m)
})

test('where nobody is asked, or nobody need answer, it carries none', () => {
  for (const given of [{ keys: false }, { keys: true, anonymous: 'public' }])
    expect(textOf(given)).not.toMatch(/GOLDGATE_KEY|authorization/)
})
