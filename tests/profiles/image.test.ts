import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { packageRoot } from '../../warehouses/package-root.js'

const read = (name: string) => readFileSync(join(packageRoot(), name), 'utf8')
const { files } = z.object({ files: z.array(z.string()).nonempty() }).parse(JSON.parse(read('package.json')))

test('the image holds every file of the package', () => {
  const copied = [...read('Dockerfile').matchAll(/^COPY --from=build (.+)$/gm)].flatMap(([, paths = '']) =>
    paths
      .split(/\s+/)
      .filter((path) => path.startsWith('/build/'))
      .map((path) => path.slice('/build/'.length)),
  )
  expect(copied).toEqual(expect.arrayContaining([...files, 'package.json']))
})

test('the engine is sent every file of the package that the build does not make', () => {
  const lines = read('.dockerignore').split('\n')
  const sent = lines.filter((line) => line.startsWith('!')).map((line) => line.slice(1))
  expect(sent).toEqual(expect.arrayContaining(files.filter((file) => file !== 'dist')))
})
