import type { Durable } from '../../durable.js'
import type { Restore } from '../copy-or-restore.js'
import type { ObjectStore } from '../object-store.js'

export interface VerifyRequest {
  /** All of them, the first store first. */
  readonly stores: readonly ObjectStore[]
  /** Name of the one to verify; all when absent. The others are where right copies come from. */
  readonly only?: string
  /** Manifests that the control database names, oldest first; others are found in the stores. `sha256` is null where it is not known. */
  readonly manifests: readonly { readonly key: string; readonly sha256: string | null }[]
  /** Whether a store is known to owe a manifest: not there yet, and no loss. */
  readonly isOwed: (store: string, manifestKey: string) => boolean
  /** Reads every byte. Without it an object is taken at its size and the SHA-256 that its store keeps; only manifests are read. */
  readonly deep: boolean
  /** Writes what is missing or damaged again, from a store that has it right. Removes nothing else. */
  readonly repair: boolean
  readonly durable: Durable
  /** For what no store has right. */
  readonly restore?: Restore
  readonly onProgress?: (store: string, progress: VerifyProgress) => void
  readonly signal?: AbortSignal
}

export interface VerifyProgress {
  readonly phase: 'list' | 'check' | 'repair'
  /** Looked at so far, of how many. */
  readonly objects: number
  readonly of: number
  /** Read so far. */
  readonly bytes: number
}

export interface Finding {
  readonly key: string
  /** `owed`: the store does not have it yet, and a run will bring it. `extra`: no manifest names it. */
  readonly kind: 'missing' | 'damaged' | 'owed' | 'extra'
  /** What is wrong, in words. */
  readonly what: string
  /** The store that it was written again from. */
  readonly repairedFrom?: string
  /** No store had it right: it was conformed again from Bronze. */
  readonly conformedAgain?: true
  /** Why it could not be repaired. */
  readonly notRepaired?: string
}

export interface StoreVerification {
  readonly store: string
  /** Named by manifests: that many should be there, with so many bytes. */
  readonly objects: number
  readonly bytes: number
  /** By key. */
  readonly findings: readonly Finding[]
  readonly bytesRead: number
  /** To the store; a listing counts one for each 1,000 keys. */
  readonly requests: number
  readonly seconds: number
  /** Why the store could not be looked at: then nothing else is known of it. */
  readonly error?: string
}

export interface Verification {
  readonly stores: readonly StoreVerification[]
  /** Manifests of the control database that no store has as they were written: nobody knows what they named. */
  readonly lostManifests: readonly string[]
  /** Where such manifests say different things of one object, in words: a damage that was written down. */
  readonly contradictions: readonly string[]
  /** By store: manifests that are there with everything they name, repairs included. */
  readonly whole: ReadonlyMap<string, readonly string[]>
}

/** Whether every object of every manifest is in every store now. What is extra does no harm. */
export function isSound({ stores, lostManifests, contradictions }: Omit<Verification, 'whole'>): boolean {
  return (
    lostManifests.length + contradictions.length === 0 &&
    stores.every((each) => each.error === undefined && each.findings.every(isSettled))
  )
}

function isSettled(finding: Finding): boolean {
  return finding.kind === 'extra' || isRepaired(finding)
}

export function isRepaired({ repairedFrom, conformedAgain }: Finding): boolean {
  return repairedFrom !== undefined || conformedAgain === true
}
