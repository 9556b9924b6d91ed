import { describe, expect, it } from 'vitest'
import { entities } from './entities/index.js'
import { goldModels } from './gold/index.js'
import type { GoldModel, LogicalType } from './types.js'

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

describe.each(goldModels)('model $name', (model) => {
  const column = (name: string) => model.columns.find((each) => each.name === name)

  it('begins with source and its grain, which are dimensions and never NULL', () => {
    expect(model.columns.slice(0, model.grain.length).map((each) => each.name)).toEqual(model.grain)
    expect(model.grain[0]).toBe('source')
    expect(model.grain.map(column).every((each) => each?.role === 'dimension' && !each.nullable)).toBe(true)
  })

  it('has distinct columns, dimensions in front of measures', () => {
    const names = model.columns.map((each) => each.name)
    expect(names.every((name) => identifier.test(name))).toBe(true)
    expect(new Set(names).size).toBe(names.length)
    const roles = model.columns.map((each) => each.role)
    expect(roles.lastIndexOf('dimension')).toBeLessThan(roles.indexOf('measure'))
  })

  it('orders by its own columns', () => {
    expect(model.defaultOrder.every((term) => column(term.column) !== undefined)).toBe(true)
  })

  it('recomputes ratios only from sums or last values of its own, at the scale of their type, and lets them be NULL', () => {
    for (const each of model.columns) {
      if (each.role !== 'measure' || each.adds.how !== 'ratio') continue
      expect(each.nullable).toBe(true)
      expect(each.type).toMatchObject({ kind: 'decimal', scale: each.adds.scale })
      for (const part of [...each.adds.plus, ...each.adds.minus, each.adds.denominator]) {
        const found = column(part)
        expect(found?.role === 'measure' && ['sum', 'last'].includes(found.adds.how)).toBe(true)
      }
    }
  })

  it('takes the last of a measure by a date in its grain, which has no NULL', () => {
    const last = model.columns.filter((each) => each.role === 'measure' && each.adds.how === 'last')
    const dated = model.grain.filter((name) => column(name)?.type.kind === 'date')
    expect(last.length === 0 || dated.length > 0).toBe(true)
  })

  it('describes every measure by formula or scope, with a unit unless it is an instant', () => {
    for (const each of model.columns) {
      expect(each.description).toMatch(/\.$/)
      if (each.role === 'measure' && each.type.kind !== 'timestamp') expect(each.unit).toBeDefined()
    }
  })
})

describe('references between models', () => {
  const named = (name: string) => goldModels.find((each) => each.name === name)
  const typesOf = (model: GoldModel | undefined, names: readonly string[]) =>
    names.map((name) => model?.columns.find((each) => each.name === name)?.type)
  const references = goldModels.flatMap((from) =>
    (from.references ?? []).map((reference) => ({
      ...{ from, reference, to: named(reference.model), name: `${from.name}.${reference.field}` },
    })),
  )

  it('are there', () => expect(references.length).toBeGreaterThan(0))

  it.each(references)('$name holds the whole key of one row, in dimensions', ({ from, reference, to }) => {
    expect(to).toBeDefined()
    expect(typesOf(from, reference.columns)).toEqual(typesOf(to, to?.grain ?? []))
    expect(reference.columns[0]).toBe('source')
    const roles = reference.columns.map((name) => from.columns.find((each) => each.name === name)?.role)
    expect(new Set(roles)).toEqual(new Set(['dimension']))
  })

  it.each(references)('$name is many to one: its columns are not the key here', ({ from, reference }) => {
    expect([...reference.columns].sort()).not.toEqual([...from.grain].sort())
  })

  it.each(references)('$name is described, both ways', ({ reference: { field, description, back } }) => {
    for (const end of [{ field, description }, back ?? { field, description }]) {
      expect(end.field).toMatch(identifier)
      expect(end.description).toMatch(/\.$/)
    }
  })

  it.each(goldModels)('add up $name only by its own dimensions, and say what', (model) => {
    for (const { field, columns, description } of model.totals ?? []) {
      expect(columns[0]).toBe('source')
      const roles = columns.map((name) => model.columns.find((each) => each.name === name)?.role)
      expect(new Set(roles)).toEqual(new Set(['dimension']))
      expect([...columns].sort()).not.toEqual([...model.grain].sort())
      expect(field).toMatch(identifier)
      expect(description).toMatch(/\.$/)
    }
  })

  it.each(goldModels)('give $name no two fields of one name, columns and both ends together', (model) => {
    const here = references.filter(({ from }) => from === model).map(({ reference }) => reference.field)
    const back = references.filter(({ to }) => to === model).flatMap(({ reference }) => reference.back?.field ?? [])
    const totals = (model.totals ?? []).map(({ field }) => field)
    const names = [...model.columns.map(({ name }) => name), ...here, ...back, ...totals]
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([])
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

  it('gives a measure of one name the same type in all models', () => {
    const types = new Map<string, LogicalType>()
    for (const each of goldModels.flatMap((model) => [...model.columns])) {
      if (each.role !== 'measure') continue
      expect([each.name, types.get(each.name) ?? each.type]).toEqual([each.name, each.type])
      types.set(each.name, each.type)
    }
  })
})
