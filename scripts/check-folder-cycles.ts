import { execFileSync } from 'node:child_process'
import { z } from 'zod'

/**
 * No cycle of folders: dependency-cruiser reports cycles of files; this reads its list of imports, folds files into the folders
 * two levels deep (`pipeline/control`), then three and four (`src/gateway/questions`), and fails when two of them need each other, directly or round about.
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
const { modules } = report.parse(JSON.parse(json.toString()))
for (const depth of [2, 3, 4]) {
  const edges = edgesOf(depth)
  const cycle = findCycle(edges)
  if (cycle) {
    console.error(`These folders import each other in a circle: ${cycle.join(' → ')}`)
    process.exit(1)
  }
  console.log(`No cycle among ${edges.size} folders and files, ${depth} levels deep.`)
}

type Edges = ReadonlyMap<string, ReadonlySet<string>>

function edgesOf(depth: number): Edges {
  const edges = new Map<string, Set<string>>()
  for (const module of modules) {
    // Tests and what they share may look at everything.
    if (module.source.endsWith('.test.ts') || module.source.includes('/testing/')) continue
    const from = folderOf(module.source, depth)
    for (const { resolved } of module.dependencies) {
      const to = folderOf(resolved, depth)
      if (from === undefined || to === undefined || from === to) continue
      edges.set(from, (edges.get(from) ?? new Set()).add(to))
    }
  }
  return edges
}

/** Files that lie less deep stand for themselves: they are not inside one of the folders. */
function folderOf(path: string, depth: number): string | undefined {
  const parts = path.split('/')
  if (!rooms.includes(parts[0] ?? '')) return undefined
  return parts.length <= depth ? path : parts.slice(0, depth).join('/')
}

function findCycle(edges: Edges): string[] | undefined {
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
