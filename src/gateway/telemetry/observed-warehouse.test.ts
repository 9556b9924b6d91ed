import { afterEach, expect, test, vi } from 'vitest'
import type { Row, Statement } from '../../../warehouses/contract/values.js'
import type { WarehouseReader } from '../../../warehouses/contract/warehouse.js'
import { ObservedWarehouse } from './observed-warehouse.js'

afterEach(() => {
  vi.restoreAllMocks()
})

test('the time of whoever takes the rows of a statement is not the warehouse’s', async () => {
  let clock = 0
  vi.spyOn(performance, 'now').mockImplementation(() => clock)
  const stream = async function* (): AsyncGenerator<readonly Row[]> {
    for (let i = 0; i < 3; i += 1) {
      clock += 10
      yield []
    }
  }
  const statement = vi.fn()
  const warn = vi.fn()
  const warehouse = new ObservedWarehouse({ name: 'slow', kind: 'duckdb', stream } as unknown as WarehouseReader, {
    meter: { statement } as never,
    tracing: undefined,
    logger: { info: warn, warn, error: warn },
    slowMs: 100,
  })
  const rows = () => warehouse.stream({ sql: 'SELECT 1', columns: [], params: [] } as unknown as Statement, [])
  for await (const _ of rows()) clock += 1_000
  expect(statement).toHaveBeenLastCalledWith({ warehouse: 'slow', outcome: 'done', seconds: 0.03 })
  for await (const _ of rows()) {
    clock += 1_000
    break
  }
  expect(statement).toHaveBeenLastCalledWith({ warehouse: 'slow', outcome: 'done', seconds: 0.01 })
  expect(warn).not.toHaveBeenCalled()
})
