import { S3ServiceException } from '@aws-sdk/client-s3'
import { StoreError, type StoreErrorCode } from '../../object-store.js'
import { whyUnreachable, whyUntrusted, withoutRequest } from '../cloud/failures.js'
import { statusOf } from './created.js'
import type { S3Options } from './options.js'

type Explanation = readonly [code: StoreErrorCode, message: string, lacksPermission?: boolean]

/** Errors of S3 as those of a store: what happened and what to do. */
export class S3Errors {
  constructor(
    private readonly store: string,
    private readonly options: S3Options,
  ) {}

  /** A name that the server cannot hold is that of no object. */
  isNoSuchKey(error: unknown): boolean {
    return error instanceof Error && ['NoSuchKey', 'KeyTooLongError'].includes(error.name)
  }

  explain(what: string, error: unknown): StoreError {
    if (error instanceof StoreError) return error
    const [code, message, lacksPermission] = this.explanation(error)
    return new StoreError(code, this.store, `${what}: ${message}`, { cause: withoutRequest(error), lacksPermission })
  }

  private explanation(error: unknown): Explanation {
    if (!(error instanceof Error)) return ['STORE_ERROR', String(error)]
    const known = this.byName(error)
    if (known) return known
    const untrusted = whyUntrusted(error)
    if (untrusted !== undefined) return ['STORE_ERROR', untrusted]
    const unreachable = whyUnreachable(error)
    if (unreachable !== undefined) return ['STORE_UNAVAILABLE', unreachable]
    return this.byStatus(error, statusOf(error))
  }

  private byName(error: Error): Explanation | undefined {
    const { bucket } = this.options
    switch (error.name) {
      case 'NoSuchBucket':
        return [
          'STORE_ERROR',
          `there is no bucket ${bucket}. Correct the name in goldgate.yaml, or run "goldgate setup" to make it`,
        ]
      case 'BucketAlreadyExists':
        return [
          'STORE_ERROR',
          `the name ${bucket} belongs to somebody else: names of buckets are unique in all of AWS. Choose another`,
        ]
      case 'CredentialsProviderError':
      case 'CredentialsError':
        return [
          'ACCESS_DENIED',
          'there are no AWS credentials. Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run where a role is given',
        ]
      case 'ExpiredToken':
      case 'ExpiredTokenException':
      case 'TokenRefreshRequired':
        return ['ACCESS_DENIED', 'the AWS credentials have expired. Sign in again ("aws sso login"), or renew them']
      case 'InvalidAccessKeyId':
      // versitygw
      case 'XAdminUserNotFound':
        return ['ACCESS_DENIED', 'the server does not know the access key. Check AWS_PROFILE and AWS_ACCESS_KEY_ID']
      case 'SignatureDoesNotMatch':
        return ['ACCESS_DENIED', 'the secret key does not belong to the access key. Check AWS_SECRET_ACCESS_KEY']
      case 'RequestTimeTooSkewed':
        return [
          'STORE_ERROR',
          'the clock of this machine is more than 15 minutes off. Set it (NTP: timedatectl set-ntp true) and try again',
        ]
      case 'PermanentRedirect':
      case 'AuthorizationHeaderMalformed':
      case 'IllegalLocationConstraintException':
        return [
          'STORE_ERROR',
          `the bucket ${bucket} is in another region${regionIn(error)}. State it as region in goldgate.yaml`,
        ]
      case 'KeyTooLongError':
        return ['INVALID_KEY', 'a part of the key is too long for this server. Shorten the name of the file']
      case 'InvalidObjectState':
        return [
          'STORE_ERROR',
          'the object is archived. Restore it first, and keep archiving lifecycle rules away from this bucket',
        ]
      case 'BadDigest':
      case 'XAmzContentChecksumMismatch':
      case 'XAmzContentSHA256Mismatch':
        return ['CHECKSUM_MISMATCH', 'the server received other bytes than were sent']
      case 'NoSuchUpload':
        return ['STORE_ERROR', 'the upload was ended by someone else meanwhile. Run again']
      case 'KMS.NotFoundException':
      case 'KMS.DisabledException':
      case 'KMS.KMSInvalidStateException':
        return [
          'STORE_ERROR',
          `the KMS key cannot be used (${error.name}). Check kmsKeyId in goldgate.yaml and the state of the key`,
        ]
    }
    if (error.message === 'Region is missing')
      return ['STORE_ERROR', 'no region is stated. Add region to the store in goldgate.yaml, or set AWS_REGION']
    return undefined
  }

  private byStatus(error: Error, status: number | undefined): Explanation {
    // The answer to a HEAD has no text, and the SDK calls it Unknown or by its status.
    const text = error.name === 'UnknownError' || error.message === error.name ? '' : `: ${error.message}`
    if (status === 301)
      return [
        'STORE_ERROR',
        `the bucket ${this.options.bucket} is in another region. State it as region in goldgate.yaml`,
      ]
    if (status === 401 || status === 403) {
      return [
        'ACCESS_DENIED',
        `access is denied${text}. docs/aws.md lists the permissions; a wrong key or a clock that is off gives this answer too`,
        status === 403,
      ]
    }
    if (status === 507 || error.name === 'QuotaExceeded' || error.name === 'XMinioStorageFull') {
      return ['STORE_ERROR', 'the server has no space left. Free some, or raise the quota']
    }
    if (status === 429 || status === 409 || (status !== undefined && status >= 500)) {
      return ['STORE_UNAVAILABLE', `the server answers ${status}${text}, also when asked again`]
    }
    return ['STORE_ERROR', error instanceof S3ServiceException ? `${error.name}${text}` : error.message]
  }
}

function regionIn(error: Error): string {
  return 'Region' in error && typeof error.Region === 'string' ? `, ${error.Region}` : ''
}
