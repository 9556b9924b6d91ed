import { once } from 'node:events'
import { ControlError } from '../../pipeline/control/errors.js'
import type { RunEvent } from '../../pipeline/run-events.js'
import { type RefreshOutcome, Scheduler, type SourceSchedule } from '../../pipeline/schedule/scheduler.js'
import type { RunSummary } from '../app.js'
import type { Config } from '../config/config.js'
import { startGateway } from '../gateway/listen.js'
import type { GatewayLogger } from '../gateway/logger.js'
import type { Tracing } from '../tracing/tracing.js'
import { gatewaySettings } from './gateway-settings.js'
import type { Installation } from './installation.js'
import { createLogger } from './logger.js'
import { messageOf } from './message-of.js'

type Refresh = (sources: readonly string[], onEvent: (event: RunEvent) => void) => Promise<RunSummary>

/** The gateway and the schedules until the signal; then requests and the run that has begun are ended properly. */
export async function serveInstallation(
  installation: Installation,
  refresh: Refresh,
  onReady: (info: { readonly url: string }) => void,
  signal: AbortSignal,
  tracing: Tracing | undefined,
): Promise<void> {
  const { config } = installation
  const logger = createLogger(config.log.level)
  const parts = await gatewaySettings(installation, logger)
  const { host, port, exposed } = config.gateway
  const gateway = await startGateway({ ...parts.settings, host, port, exposed, tracing }).catch(
    async (error: unknown) => {
      await parts.close()
      throw error
    },
  )
  const scheduler = startSchedules(config, refresh, logger)
  try {
    onReady({ url: gateway.url })
    if (!signal.aborted) await once(signal, 'abort')
  } finally {
    await scheduler.stop()
    await gateway.close()
    await parts.close()
  }
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
