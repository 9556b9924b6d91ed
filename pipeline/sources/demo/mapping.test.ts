import { describe, expect, it } from 'vitest'
import { entities } from '../../../models/entities/index.js'
import { loadMapping, packagedMappings } from '../load-mappings.js'
import { demoDatasets } from './datasets.js'
import { demoFileName, demoTimezone } from './generate.js'

describe('the mapping of the demo', () => {
  it('reads the files that the generator writes by default, in its time zone', async () => {
    const mapping = await loadMapping('demo', [packagedMappings()])
    expect(mapping.timezone).toBe(demoTimezone)
    expect(mapping.datasets.map((dataset) => dataset.files).sort()).toEqual(
      Object.keys(demoDatasets)
        .map((dataset) => demoFileName(dataset as keyof typeof demoDatasets, 'ndjson'))
        .sort(),
    )
    expect(mapping.entities.map(({ entity, mode }) => `${entity} ${mode}`).sort()).toEqual(
      entities.map(({ name }) => `${name} full`).sort(),
    )
  })

  it.each(entities.map(({ name, columns }) => ({ name, columns })))(
    'the generator fills every column of $name under its canonical name',
    ({ name, columns }) => {
      expect(Object.keys(demoDatasets[name as keyof typeof demoDatasets])).toEqual(columns.map((column) => column.name))
    },
  )
})
