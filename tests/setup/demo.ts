import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { generateDemo } from '../../pipeline/sources/demo/generate.js'

/** The demo source, small: three months of everything. */
const smallDemo = {
  products: 40,
  customers: 60,
  stores: 5,
  campaigns: 4,
  sales: 300,
  inventory: 80,
  returnRate: 0.08,
  from: '2024-11-01',
  to: '2025-01-31',
} as const

/** Generates it below `folder` and returns the folder with the files. */
export async function generateSmallDemo(
  folder: string,
  options: Partial<Parameters<typeof generateDemo>[0]> = {},
): Promise<string> {
  const data = join(folder, `demo-${options.seed ?? 'default'}`)
  await mkdir(data, { recursive: true })
  await generateDemo({ ...smallDemo, ...options }, data)
  return data
}
