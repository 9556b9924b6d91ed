import { GoldgateError } from '../../../resolvers/index.js'
import type { Identity, Verifier } from './authenticate.js'

/** Where API keys are kept. */
export interface KeyCatalog {
  /** The key of this text; undefined when there is none, or it is revoked or expired. */
  find(key: string): Promise<(Pick<Identity, 'roles' | 'claims'> & { readonly id: string }) | undefined>
}

export function keyVerifier(keys: KeyCatalog): Verifier {
  return {
    takes: (credential) => credential.startsWith('ggk_'),
    async verify(credential) {
      const found = await keys.find(credential).catch((cause: unknown) => {
        throw new GoldgateError(
          'AUTHENTICATION_UNAVAILABLE',
          'Whether the API key is good could not be read from the control database. Ask again later.',
          { cause },
        )
      })
      return found && { name: `key ${found.id}`, roles: found.roles, claims: found.claims }
    },
  }
}
