import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createCalendar, dayOf } from './calendar.js'
import { createCampaigns } from './campaigns.js'
import { createCustomers } from './customers.js'
import { DatasetFile } from './dataset-file.js'
import { type DemoDataset, demoDatasetNames, demoDatasets, type Row } from './datasets.js'
import { createEncoding } from './encode.js'
import { inventoryRows } from './inventory.js'
import { type DemoFormat, type DemoOptions, demoOptions } from './options.js'
import { createProducts } from './products.js'
import { createReturns } from './returns.js'
import { createSales } from './sales.js'
import { createStores } from './stores.js'

/** The time zone of order_date and return_date; `sql/sources/demo/source.yaml` states the same. */
export const demoTimezone = 'Europe/Berlin'

export interface DemoFile {
  readonly dataset: DemoDataset
  readonly file: string
  readonly rows: number
  readonly bytes: number
}

export interface DemoProgress {
  readonly dataset: DemoDataset
  /** Sales done so far of `sales`; the other datasets come before or along with them. */
  readonly sales: number
  readonly of: number
}

export interface GenerateHooks {
  readonly onProgress?: (progress: DemoProgress) => void
  readonly signal?: AbortSignal
}

/** Sales last, see `generateDemo`. */
const publishOrder = [...demoDatasetNames.filter((dataset) => dataset !== 'sales'), 'sales' as const]

export function demoFileName(dataset: DemoDataset, format: DemoFormat): string {
  return `${dataset}.${format}`
}

/**
 * Writes the eight files of the demo source into a folder, in constant memory. They get their names only when all are
 * whole, sales last: where the sales file is, the set is complete. A dataset without rows has no file as NDJSON (an
 * empty file is an error of a source), `[]` as JSON and a header as CSV. Throws `DemoOptionError`.
 */
export async function generateDemo(
  given: Partial<DemoOptions>,
  outDirectory: string,
  hooks: GenerateHooks = {},
): Promise<readonly DemoFile[]> {
  const options = demoOptions(given)
  await mkdir(outDirectory, { recursive: true })
  await sweepUnfinished(outDirectory)
  const unfinished = join(outDirectory, `${unfinishedPrefix}${process.pid}`)
  await mkdir(unfinished)
  try {
    const files = await write(options, unfinished, hooks)
    for (const dataset of publishOrder) {
      const name = demoFileName(dataset, options.format)
      const written = files.find((file) => file.dataset === dataset)
      if (written) await rename(join(unfinished, name), join(outDirectory, name))
      else await rm(join(outDirectory, name), { force: true })
    }
    return files
  } finally {
    await rm(unfinished, { recursive: true, force: true })
  }
}

async function write(options: DemoOptions, directory: string, hooks: GenerateHooks): Promise<DemoFile[]> {
  const calendar = createCalendar(dayOf(options.from) ?? 0, dayOf(options.to) ?? 0, demoTimezone)
  const { products, rows: productRows } = createProducts(options, calendar)
  const { customers, rows: customerRows } = createCustomers(options, calendar)
  const { stores, rows: storeRows } = createStores(options, calendar)
  const { campaigns, rows: campaignRows } = createCampaigns(options, calendar)
  const returnsOf = createReturns(options, calendar)
  const written: DemoFile[] = []
  const open = new Map<DemoDataset, DatasetFile>()

  const begin = async (dataset: DemoDataset): Promise<DatasetFile> => {
    const path = join(directory, demoFileName(dataset, options.format))
    const file = await DatasetFile.create(path, createEncoding(options.format, demoDatasets[dataset]))
    open.set(dataset, file)
    return file
  }
  const flush = async (dataset: DemoDataset, file: DatasetFile, sales: number): Promise<void> => {
    await file.flush()
    hooks.signal?.throwIfAborted()
    hooks.onProgress?.({ dataset, sales, of: options.sales })
  }
  const finish = async (dataset: DemoDataset, file: DatasetFile): Promise<void> => {
    await file.finish()
    open.delete(dataset)
    if (file.bytes > 0) {
      written.push({ dataset, file: demoFileName(dataset, options.format), rows: file.rows, bytes: file.bytes })
    }
  }
  const writeAll = async (dataset: DemoDataset, rows: Iterable<Row>): Promise<void> => {
    const file = await begin(dataset)
    for (const row of rows) if (file.add(row)) await flush(dataset, file, 0)
    await finish(dataset, file)
  }

  try {
    // Sales draw from what these four have filled.
    await writeAll('products', productRows)
    await writeAll('customers', customerRows)
    await writeAll('stores', storeRows)
    await writeAll('campaigns', campaignRows)
    await writeAll('inventory', inventoryRows(options, calendar, products, stores))

    const sales = await begin('sales')
    const items = await begin('sale_items')
    const returns = await begin('returns')
    for (const sale of createSales(options, calendar, { products, customers, stores, campaigns })) {
      if (sales.add(sale.row)) await flush('sales', sales, sales.rows)
      for (let line = 0; line < sale.lines.count; line++) {
        if (items.add(sale.lines.row(line, sale.id))) await flush('sale_items', items, sales.rows)
      }
      for (const row of returnsOf(sale)) if (returns.add(row)) await flush('returns', returns, sales.rows)
    }
    await finish('sales', sales)
    await finish('sale_items', items)
    await finish('returns', returns)
    return written
  } finally {
    for (const file of open.values()) await file.abandon()
  }
}

const unfinishedPrefix = '.generating-'

/** Removes what killed processes left. */
async function sweepUnfinished(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!name.startsWith(unfinishedPrefix)) continue
    if (name === `${unfinishedPrefix}${process.pid}` || !isRunning(Number(name.slice(unfinishedPrefix.length)))) {
      await rm(join(directory, name), { recursive: true, force: true })
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
