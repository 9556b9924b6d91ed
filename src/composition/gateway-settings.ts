import { KnownKeys } from '../../pipeline/control/known-keys.js'
import { PointerWatch } from '../../pipeline/control/pointer-watch.js'
import { packageVersion } from '../../warehouses/package-root.js'
import type { AuthenticationConfig } from '../config/config.js'
import { type KeyCatalog, keyVerifier } from '../gateway/callers/api-keys.js'
import type { AuthenticationSettings } from '../gateway/callers/authenticate.js'
import { jwtVerifier } from '../gateway/callers/jwt.js'
import type { GatewayLogger } from '../gateway/logger.js'
import type { GatewaySettings } from '../gateway/settings.js'
import type { Control, Installation } from './installation.js'
import { messageOf } from './message-of.js'
import { operationFolders } from './operation-folders.js'
import { parityCatalog } from './parity.js'

/** Everything that the gateway of an installation needs, and what is to be closed after it. */
export async function gatewaySettings(
  installation: Installation,
  logger: GatewayLogger,
): Promise<{ readonly settings: GatewaySettings; close(): Promise<void> }> {
  const { config } = installation
  const { metrics, ...gateway } = config.gateway
  const control = await installation.control()
  const warehouses = await installation.warehouses()
  const parity = await parityCatalog(installation)
  const pointers = await watchPointers(control, logger)
  return {
    settings: {
      ...gateway,
      ...(metrics === undefined ? {} : { metrics: metrics === 'on' }),
      ...{ warehouses, parity, logger },
      roles: config.roles,
      version: packageVersion(),
      environment: config.profile,
      operations: operationFolders(config),
      authentication: authenticationOf(config.gateway.authentication, new KnownKeys(control.keys, pointers)),
      defaultWarehouse: config.defaultWarehouse,
      catalog: pointers,
    },
    close: () => pointers.close(),
  }
}

function watchPointers({ connection, builds }: Control, logger: GatewayLogger): Promise<PointerWatch> {
  return PointerWatch.start(connection, builds, {
    onDeaf: (error) =>
      logger.warn('the control database is not heard: pointers are read from it for each request', {
        error: messageOf(error),
      }),
    onHearing: () => logger.info('the control database is heard again'),
  })
}

function authenticationOf({ keys, jwt, ...given }: AuthenticationConfig, catalog: KeyCatalog): AuthenticationSettings {
  return { verifiers: [...(keys ? [keyVerifier(catalog)] : []), ...(jwt ? [jwtVerifier(jwt)] : [])], ...given }
}
