import { S3Client } from '@aws-sdk/client-s3'
import type { S3Options } from './options.js'

/** Credentials come from the SDK's own chain: environment, ~/.aws, SSO, the role of a container or machine. */
export function s3Client(
  options: S3Options,
  { requestMs, connectMs, attempts = 5 }: { requestMs: number; connectMs: number; attempts?: number },
  credentials?: S3Client['config']['credentials'],
): S3Client {
  const { endpoint, region, forcePathStyle = endpoint !== undefined } = options
  // On Node 20 it would tell everybody of versions to come; which one is installed is the lock file's affair. The SDK's own switch
  // (aws/aws-sdk-js-v3#7983) for this one warning: all others appear, and a value that somebody set stays.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'
  return new S3Client({
    endpoint,
    forcePathStyle,
    // Servers other than AWS have one region, whose name must only be some name.
    ...(region === undefined ? (endpoint === undefined ? {} : { region: 'us-east-1' }) : { region }),
    // Every request is signed with the SHA-256 of its body, which the server compares. The SDK's CRC32 beside it is
    // what some S3-compatible servers refuse.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // A second or two: what lasts longer is for the next run.
    maxAttempts: attempts,
    ...(credentials && { credentials }),
    requestHandler: {
      connectionTimeout: connectMs,
      requestTimeout: requestMs,
      throwOnRequestTimeout: true,
      // A reader that takes its time leaves the socket idle; a server that does so is found by the store's own guard.
      socketTimeout: 0,
    },
  })
}
