import { expect, test } from 'vitest'
import { dailyRevenue } from '../../models/gold/daily-revenue.js'
import { columnsByField, describeColumn } from './fields.js'
import { camelCase, constantCase, pascalCase } from './names.js'

test('names of tables and columns become names of GraphQL', () => {
  expect(camelCase('average_order_value')).toBe('averageOrderValue')
  expect(camelCase('address_2_line')).toBe('address2Line')
  expect(pascalCase('executive_kpis')).toBe('ExecutiveKpis')
  expect(['out_of_stock', 'in-store', 'click & collect', '3d_printer'].map(constantCase)).toEqual([
    'OUT_OF_STOCK',
    'IN_STORE',
    'CLICK_COLLECT',
    '_3D_PRINTER',
  ])
})

test('a description speaks of the fields that clients see, and ends with the unit', () => {
  const column = columnsByField(dailyRevenue).get('revenueAfterRefunds')
  expect(column && describeColumn(dailyRevenue, column)).toMatch(
    /^netRevenue − refundTotal\..*Unit: reporting currency\.$/,
  )
})

test('two columns cannot share a field name', () => {
  const [first] = dailyRevenue.columns
  if (!first) throw new Error('a model has columns')
  const columns = [first, { ...first, name: 'net_revenue' }, { ...first, name: 'net__revenue' }]
  expect(() => columnsByField({ ...dailyRevenue, columns })).toThrow('daily_revenue')
})
