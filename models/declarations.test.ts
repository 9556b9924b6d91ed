import { describe, expect, it, test } from 'vitest'
import { checkModels } from './check-model.js'
import { entities } from './entities/index.js'
import { goldModels } from './gold/index.js'
import type { LogicalType } from './types.js'

const identifier = /^[a-z][a-z0-9_]*$/

describe.each(entities)('entity $name', (entity) => {
  const names = entity.columns.map((column) => column.name)

  it('has plain, distinct column names and its key in front, never NULL', () => {
    expect(names.every((name) => identifier.test(name))).toBe(true)
    expect(new Set(names).size).toBe(names.length)
    expect(names.slice(0, entity.key.length)).toEqual(entity.key)
    expect(entity.columns.filter((column) => entity.key.includes(column.name) && column.nullable)).toEqual([])
  })

  it('refers only to entities with a single key of the same type, declared before it', () => {
    for (const column of entity.columns.filter((each) => each.references !== undefined)) {
      const target = entities.find((each) => each.name === column.references)
      expect(target?.key).toHaveLength(1)
      expect(target?.columns[0]?.type).toEqual(column.type)
      expect(target === undefined ? -1 : entities.indexOf(target)).toBeLessThan(entities.indexOf(entity))
    }
  })
})

test('the models fit together, and some refer to others', () => {
  expect(() => checkModels(goldModels)).not.toThrow()
  expect(goldModels.some(({ references = [] }) => references.length > 0)).toBe(true)
})

describe.each(goldModels)('model $name', (model) => {
  it('describes every measure by formula or scope, with a unit unless it is an instant', () => {
    for (const each of model.columns) {
      expect(each.description).toMatch(/\.$/)
      if (each.role === 'measure' && each.type.kind !== 'timestamp') expect(each.unit).toBeDefined()
    }
  })

  it('describes its totals, and its references both ways', () => {
    for (const { description, back } of model.references ?? [])
      for (const each of [description, back?.description ?? description]) expect(each).toMatch(/\.$/)
    for (const { description } of model.totals ?? []) expect(description).toMatch(/\.$/)
  })
})

describe('names across declarations', () => {
  it('gives a closed list one meaning: the same name has the same values everywhere', () => {
    const lists = new Map<string, LogicalType>()
    for (const { type } of [...entities, ...goldModels].flatMap((each): { type: LogicalType }[] => [...each.columns])) {
      if (type.kind !== 'enum') continue
      expect(lists.get(type.name) ?? type).toEqual(type)
      lists.set(type.name, type)
    }
    expect(lists.has('SaleStatus')).toBe(true)
  })
})
