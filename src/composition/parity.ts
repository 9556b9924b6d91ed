import { goldModels } from '../../models/gold/index.js'
import type { Digested, Undigested } from '../../pipeline/control/parity.js'
import { digestsOf } from '../../pipeline/gold/take-digests.js'
import { differingKeys } from '../../pipeline/quality/differing-keys.js'
import { parityReport } from '../../pipeline/quality/parity-report.js'
import type { ParityCatalog } from '../../warehouses/contract/parity.js'
import type { Installation } from './installation.js'

/**
 * Parity of what an installation holds: digests from the control database, keys from the warehouses themselves. `takesMissing`: builds of one warehouse alone,
 * which no run digests, are read now; nothing of it is kept.
 */
export async function parityCatalog(installation: Installation, takesMissing = false): Promise<ParityCatalog> {
  const { builds, parity } = await installation.control()
  const names = installation.config.warehouses.map(({ name }) => name)
  const take = async (attempt: Undigested): Promise<Digested[]> => {
    const warehouse = (await installation.warehouses()).get(attempt.warehouse)
    if (!warehouse) return []
    const models = await builds.modelsOf(attempt, goldModels)
    return [{ ...attempt, digests: await digestsOf(models, warehouse, attempt) }]
  }
  const held = async (buildId: string) => {
    const found = [...(await parity.of(buildId))]
    if (takesMissing)
      for (const attempt of await parity.undigested(buildId, names)) found.push(...(await take(attempt)))
    return names.flatMap((name) => found.filter(({ warehouse }) => warehouse === name))
  }
  return {
    async report({ build, model }) {
      const buildId = build ?? (await parity.newestBuild(names))
      if (buildId === undefined) return undefined
      const digested = await held(buildId)
      const models = goldModels.map(({ name }) => name).filter((name) => model === undefined || name === model)
      return digested.length === 0 ? undefined : parityReport(buildId, digested, models)
    },
    async differingKeys(build, name, limit, options) {
      const model = goldModels.find((each) => each.name === name)
      const digested = await held(build)
      const figures = parityReport(build, digested, [name]).models[0]?.figures ?? []
      const warehouses = await installation.warehouses()
      const sides = figures.flatMap(({ warehouse: of, rows, differs }) => {
        const warehouse = warehouses.get(of)
        const attempt = digested.find((each) => each.warehouse === of)
        return warehouse && attempt ? [{ side: { warehouse, build: attempt, rows }, differs }] : []
      })
      const [first, ...others] = sides
      if (!model || !first) return []
      const unlike = others.filter(({ differs }) => differs.length > 0)
      return Promise.all(unlike.map(({ side }) => differingKeys(model, [first.side, side], limit, options)))
    },
  }
}
