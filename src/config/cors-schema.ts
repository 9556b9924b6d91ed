import { z } from 'zod'

const origin = z
  .string()
  .refine(
    (text) => text === '*' || !text.includes('*'),
    'has a "*" in it, which would never match: write each origin out, or "*" alone for all of them',
  )
  .refine(
    isOrigin,
    'is no origin: write it as browsers send it, such as "https://bi.example.com", without a path or a slash at its end, or "*"',
  )

export const cors = z
  .strictObject({
    origins: z
      .array(origin)
      .default([])
      .describe(
        'Origins whose pages may read answers in a browser: "https://bi.example.com". "*" is all of them, and needs authentication.',
      ),
  })
  .describe('Pages of other origins. Nothing of it: none of them reads anything.')

function isOrigin(text: string): boolean {
  if (text === '*') return true
  if (!URL.canParse(text)) return false
  const { origin: own, protocol } = new URL(text)
  return own === text && (protocol === 'https:' || protocol === 'http:')
}
