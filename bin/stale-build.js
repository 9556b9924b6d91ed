import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

const compiled = ['src', 'resolvers', 'pipeline', 'warehouses', 'models']

/**
 * In a checkout: that what runs is not what was last written, since the command runs dist/. Undefined when it is, and in an installed package, which has no
 * sources. Looks at the times of some hundred files and reads none: about ten milliseconds.
 *
 * @param {string} root
 * @returns {string | undefined}
 */
export function staleBuild(root) {
  if (!existsSync(join(root, 'tsconfig.build.json'))) return undefined
  const built = statSync(join(root, 'dist', '.built'), { throwIfNoEntry: false })
  if (built === undefined) return 'There is no complete dist/: run "npm run build".'
  for (const folder of compiled) {
    for (const name of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })) {
      if (!name.endsWith('.ts') || name.endsWith('.test.ts')) continue
      const file = join(folder, name)
      if (statSync(join(root, file)).mtimeMs > built.mtimeMs)
        return `${file} is newer than dist/, which is what runs here: run "npm run build".`
    }
  }
  return undefined
}
