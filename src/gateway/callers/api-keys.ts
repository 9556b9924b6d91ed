import { GoldgateError } from '../../../resolvers/index.js'
import type { Identity, Verifier } from './authenticate.js'

export interface KnownKey extends Pick<Identity, 'roles' | 'claims'> {
  readonly id: string
  readonly expiresAt?: Date | null | undefined
}

/** Where API keys are kept. */
export interface KeyCatalog {
  /** The key of this text; undefined when there is none, or it is revoked or expired. */
  find(key: string): Promise<KnownKey | undefined>
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
      if (!found) return undefined
      const { id, roles, claims, expiresAt } = found
      return { name: `key ${id}`, roles, claims, goodUntil: expiresAt?.getTime(), revocable: true }
    },
  }
}
