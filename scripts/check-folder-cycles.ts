import { execFileSync } from 'node:child_process'
import { z } from 'zod'

/**
 * No cycle of folders: dependency-cruiser reports cycles of files; this reads its list of imports, folds files into the folders
 * two levels deep (`pipeline/control`), and fails when two of them need each other, directly or round about.
 */
const report = z.object({
  modules: z.array(z.object({ source: z.string(), dependencies: z.array(z.object({ resolved: z.string() })) })),
})
const rooms = ['src', 'resolvers', 'pipeline', 'warehouses', 'models']
const json = execFileSync(
  'npx',
  ['depcruise', '--config', '.dependency-cruiser.cjs', '--output-type', 'json', ...rooms],
  {
    maxBuffer: 1 << 28,
  },
)
const edges = new Map<string, Set<string>>()
for (const module of report.parse(JSON.parse(json.toString())).modules) {
  // Tests and what they share may look at everything.
  if (module.source.endsWith('.test.ts') || module.source.includes('/testing/')) continue
  const from = folderOf(module.source)
  for (const { resolved } of module.dependencies) {
    const to = folderOf(resolved)
    if (from === undefined || to === undefined || from === to) continue
    edges.set(from, (edges.get(from) ?? new Set()).add(to))
  }
}
const cycle = findCycle()
if (cycle) {
  console.error(`These folders import each other in a circle: ${cycle.join(' → ')}`)
  process.exit(1)
}
console.log(`No cycle among ${edges.size} folders.`)

/** Files that lie directly in a room stand for themselves: they are not inside one of its folders. */
function folderOf(path: string): string | undefined {
  const parts = path.split('/')
  if (!rooms.includes(parts[0] ?? '')) return undefined
  return parts.length <= 2 ? path : parts.slice(0, 2).join('/')
}

function findCycle(): string[] | undefined {
  const finished = new Set<string>()
  const visit = (folder: string, path: string[]): string[] | undefined => {
    if (path.includes(folder)) return [...path.slice(path.indexOf(folder)), folder]
    if (finished.has(folder)) return undefined
    for (const next of edges.get(folder) ?? []) {
      const found = visit(next, [...path, folder])
      if (found) return found
    }
    finished.add(folder)
    return undefined
  }
  for (const folder of edges.keys()) {
    const found = visit(folder, [])
    if (found) return found
  }
  return undefined
}
