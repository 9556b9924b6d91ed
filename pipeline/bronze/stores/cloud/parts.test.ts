import fc from 'fast-check'
import { expect, it } from 'vitest'
import { partsOf } from './parts.js'

it('cuts any pieces into parts of the sizes asked for, without losing or changing a byte', async () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 })
  const sizes = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 5 })
  await fc.assert(
    fc.asyncProperty(pieces, sizes, async (all, partSizes) => {
      const sizeOf = (number: number) => partSizes[Math.min(number, partSizes.length - 1)] ?? 1
      const again = async function* () {
        for (const piece of all) {
          // A reader that uses its buffer again.
          const copy = Uint8Array.from(piece)
          yield copy
          copy.fill(0)
        }
      }
      const parts: Buffer[] = []
      for await (const part of partsOf(again(), sizeOf)) parts.push(part)
      expect(Buffer.concat(parts).equals(Buffer.concat(all))).toBe(true)
      expect(parts.slice(0, -1).map((part) => part.length)).toEqual(
        parts.slice(0, -1).map((_, number) => sizeOf(number)),
      )
      expect(parts.every((part, number) => part.length > 0 && part.length <= sizeOf(number))).toBe(true)
    }),
  )
})
