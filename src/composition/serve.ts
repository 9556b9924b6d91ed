import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { ControlError } from '../../pipeline/control/errors.js'
import { KnownKeys } from '../../pipeline/control/known-keys.js'
import { PointerWatch } from '../../pipeline/control/pointer-watch.js'
import type { RunEvent } from '../../pipeline/run-events.js'
import { type RefreshOutcome, Scheduler, type SourceSchedule } from '../../pipeline/schedule/scheduler.js'
import { packageRoot } from '../../warehouses/template/sql-files.js'
import type { RunSummary } from '../app.js'
import type { AuthenticationConfig, Config } from '../config/config.js'
import { type KeyCatalog, keyVerifier } from '../gateway/callers/api-keys.js'
import type { AuthenticationSettings } from '../gateway/callers/authenticate.js'
import { jwtVerifier } from '../gateway/callers/jwt.js'
import { startGateway } from '../gateway/gateway.js'
import type { GatewayLogger } from '../gateway/logger.js'
import type { Control, Installation } from './installation.js'
import { createLogger } from './logger.js'
import { parityCatalog } from './parity.js'

type Refresh = (sources: readonly string[], onEvent: (event: RunEvent) => void) => Promise<RunSummary>

/** The gateway and the schedules until the signal; then requests and the run that has begun are ended properly. */
export async function serveInstallation(
  installation: Installation,
  refresh: Refresh,
  onReady: (info: { readonly url: string }) => void,
  signal: AbortSignal,
): Promise<void> {
  const { config } = installation
  const logger = createLogger(config.log.level)
  const control = await installation.control()
  const pointers = await watchPointers(control, logger)
  const gateway = await startGateway({
    ...config.gateway,
    roles: config.roles,
    version: packageVersion(),
    environment: config.profile,
    operations: [join(packageRoot(), 'operations'), ...config.gateway.operations],
    authentication: authenticationOf(config.gateway.authentication, new KnownKeys(control.keys, pointers)),
    logger,
    warehouses: await installation.warehouses(),
    defaultWarehouse: config.defaultWarehouse,
    catalog: pointers,
    parity: await parityCatalog(installation),
  }).catch(async (error: unknown) => {
    await pointers.close()
    throw error
  })
  const scheduler = startSchedules(config, refresh, logger)
  try {
    onReady({ url: gateway.url })
    if (!signal.aborted) await once(signal, 'abort')
  } finally {
    await scheduler.stop()
    await gateway.close()
    await pointers.close()
  }
}

const manifest = z.object({ version: z.string() })

const packageVersion = (): string =>
  manifest.parse(JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8'))).version

function watchPointers({ connection, builds }: Control, logger: GatewayLogger): Promise<PointerWatch> {
  return PointerWatch.start(connection, builds, {
    onDeaf: (error) =>
      logger.warn('the control database is not heard: pointers are read from it for each request', {
        error: messageOf(error),
      }),
    onHearing: () => logger.info('the control database is heard again'),
  })
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

function authenticationOf({ keys, jwt, anonymous }: AuthenticationConfig, catalog: KeyCatalog): AuthenticationSettings {
  return { verifiers: [...(keys ? [keyVerifier(catalog)] : []), ...(jwt ? [jwtVerifier(jwt)] : [])], anonymous }
}

function startSchedules(config: Config, refresh: Refresh, logger: GatewayLogger): Scheduler {
  const schedules = config.sources.flatMap(({ name, schedule }): SourceSchedule[] =>
    schedule ? [{ source: name, ...schedule }] : [],
  )
  const refreshAndLog = async (sources: readonly string[]): Promise<RefreshOutcome> => {
    logger.info('scheduled run started', { sources })
    try {
      const { runId, status, seconds } = await refresh(sources, (event) => {
        if (event.state === 'failed') logger.error('step failed', { ...event })
      })
      const log = status === 'failed' || status === 'gated' ? logger.error : logger.info
      log('scheduled run ended', { sources, runId, status, seconds })
      return 'done'
    } catch (error) {
      if (!(error instanceof ControlError && error.code === 'RUN_IN_PROGRESS')) throw error
      logger.info('scheduled run waits for another process', { sources, message: error.message })
      return 'busy'
    }
  }
  return new Scheduler(schedules, refreshAndLog, (error) => {
    logger.error('scheduled run failed', {
      code: error instanceof Error && 'code' in error ? error.code : undefined,
      message: messageOf(error),
    })
  })
}
